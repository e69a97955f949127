package dev.tilework;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class TensorTest {
  @Parameter private Device device;
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void everythingIsFreed() {
    scope.close();
    assertEquals(0, device.memory().live());
  }

  private Tensor range(int... dims) {
    float[] a = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < a.length; i++) {
      a[i] = i;
    }
    return Tensor.of(device, a, dims);
  }

  private static String refusal(Class<? extends RuntimeException> type, Executable e) {
    return assertThrows(type, e).getMessage();
  }

  @Test
  void valuesComeBackAsTheyWent() {
    float[] special = {Float.NaN, -0f, Float.NEGATIVE_INFINITY, Float.MIN_VALUE};
    assertArrayEquals(special, Tensor.of(device, special, 4).toArray());
    int[] ints = {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE};
    assertArrayEquals(ints, Tensor.ofInts(device, ints, 2, 2).toIntArray());
    byte[] bytes = {-128, -1, 0, 127};
    assertArrayEquals(bytes, Tensor.ofBytes(device, bytes, 4).toByteArray());
    assertEquals(3, Tensor.of(device, new float[] {3}).item());
    assertEquals(0, Tensor.of(device, new float[0], 0, 5).toArray().length);
  }

  @Test
  void offHeapMemoryGoesInAndOut() {
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer direct = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
      direct.putFloat(0, 1.5f).putFloat(4, -2);
      Tensor t = Tensor.from(device, MemorySegment.ofBuffer(direct), DType.FLOAT32, 2);
      MemorySegment out = arena.allocate(8);
      t.read(out);
      assertEquals(-1, out.mismatch(MemorySegment.ofBuffer(direct)));
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    String m = refusal(IllegalArgumentException.class, () -> range(6).reshape(4, 2));
    assertTrue(m.contains("reshape") && m.contains("[6]") && m.contains("[4, 2]"), m);
    m = refusal(IllegalArgumentException.class, () -> Tensor.of(device, new float[] {1, 2}, 3));
    assertTrue(m.contains("float32[3]") && m.contains("12") && m.contains("8"), m);
    Tensor t = range(3);
    refusal(IllegalArgumentException.class, () -> t.read(MemorySegment.ofArray(new float[2])));
    refusal(IllegalArgumentException.class, () -> t.write(MemorySegment.ofArray(new float[4])));
    m = refusal(IllegalArgumentException.class, t::item);
    assertTrue(m.contains("item") && m.contains("float32[3]"), m);
    m = refusal(IllegalArgumentException.class, t::toIntArray);
    assertTrue(m.contains("toIntArray") && m.contains("float32[3]"), m);
    refusal(IllegalArgumentException.class, () -> Tensor.ofInts(device, new int[1], 1).toArray());
    refusal(IllegalArgumentException.class, () -> t.set(range(4)));
    refusal(IllegalArgumentException.class, () -> Tensor.zeros(device, 2, -1));
    refusal(IllegalArgumentException.class, () -> t.slice(0, 2, 2));
    refusal(IllegalArgumentException.class, () -> t.slice(1, 0, 1));
    refusal(IllegalArgumentException.class, () -> Tensor.concat(0));
  }

  @Test
  void reshapeComputesOneExtent() {
    Tensor t = range(2, 3, 4);
    assertEquals(Shape.of(6, 4), t.reshape(-1, 4).shape());
    assertEquals(Shape.of(24), t.reshape(-1).shape());
    assertEquals(Shape.of(2, 1, 12), t.reshape(2, -1, 12).shape());
    refusal(IllegalArgumentException.class, () -> t.reshape(-1, -1));
    refusal(IllegalArgumentException.class, () -> t.reshape(-1, 5));
    refusal(IllegalArgumentException.class, () -> t.reshape(-1, 0));
    refusal(IllegalArgumentException.class, () -> t.reshape(-2, -12));
    assertEquals(Shape.of(0, 3), Tensor.zeros(device, 0).reshape(0, 3).shape());
  }

  @Test
  void viewsShareMemoryAndItsLife() {
    Tensor t = range(4, 3);
    long live = device.memory().live();
    Tensor line = t.reshape(12);
    Tensor rows = t.slice(0, 1, 2);
    Tensor inner = rows.reshape(1, 2, 3).slice(1, 1, 1);
    assertEquals(live, device.memory().live(), "views take no memory");
    assertTrue(t.sharesMemory());
    assertArrayEquals(new float[] {6, 7, 8}, inner.toArray());
    rows.set(Tensor.full(device, -1, 2, 3));
    assertArrayEquals(new float[] {0, 1, 2, -1, -1, -1, -1, -1, -1, 9, 10, 11}, line.toArray());
    long tensors = device.memory().live();
    t.close();
    line.close();
    rows.close();
    assertArrayEquals(new float[] {-1, -1, -1}, inner.toArray());
    assertEquals(tensors, device.memory().live());
  }

  @Test
  void memoryGoesWithTheLastView() {
    long live = device.memory().live();
    Tensor t = range(1000);
    Tensor view = t.slice(0, 10, 1);
    t.close();
    t.close();
    assertEquals(live + 4000, device.memory().live());
    view.close();
    assertEquals(live, device.memory().live());
  }

  @Test
  void slicesOfInnerAxesAreCopies() {
    Tensor t = range(2, 3);
    Tensor middle = t.slice(-1, 1, 1);
    assertArrayEquals(new float[] {1, 4}, middle.toArray());
    assertFalse(t.sharesMemory());
    middle.set(Tensor.zeros(device, 2, 1));
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, t.toArray());
  }

  @Test
  void copiesDoNotShare() {
    Tensor t = range(3);
    Tensor c = t.copy();
    t.set(Tensor.zeros(device, 3));
    assertArrayEquals(new float[] {0, 1, 2}, c.toArray());
    assertSame(t, t.to(device));
    Device other = TestDevices.of(new ReferenceDriver("other"));
    Tensor moved = c.slice(0, 1, 2).to(other);
    assertNotSame(c, moved);
    assertEquals(other, moved.device());
    assertArrayEquals(new float[] {1, 2}, moved.toArray());
    t.slice(0, 0, 2).set(moved);
    assertArrayEquals(new float[] {1, 2, 0}, t.toArray());
  }

  @Test
  void everyWriteCounts() {
    Tensor t = range(4);
    Tensor view = t.slice(0, 2, 2);
    long v = t.version();
    view.set(range(2));
    assertEquals(v + 1, t.version());
    t.write(MemorySegment.ofArray(new float[] {1, 2, 3, 4}));
    assertEquals(v + 2, view.version());
    device.runInto(view, new ElementwiseOp.Affine(2, 0), view);
    assertEquals(v + 3, t.version());
    assertArrayEquals(new float[] {1, 2, 6, 8}, t.toArray());
    t.add(1);
    t.toArray();
    assertEquals(v + 3, t.version(), "reading is not writing");
    device.run(new OptimizerOp.Sgd(1, 0.5f, false, 0), t, Tensor.zeros(device, 4), range(4));
    assertEquals(v + 4, t.version());
  }

  @Test
  void imagesConvertAtTheBorder() {
    // Two images of two channels and 1 by 3 pixels.
    float[] nchw = {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32};
    Tensor t = Tensor.fromNchw(device, nchw, 2, 2, 1, 3);
    assertEquals(Shape.of(2, 1, 3, 2), t.shape());
    assertArrayEquals(new float[] {0, 10, 1, 11, 2, 12, 20, 30, 21, 31, 22, 32}, t.toArray());
    assertArrayEquals(nchw, t.toNchw());
  }

  @Test
  void halfTypesRoundAndComeBack() {
    float[] exact = {0, -1.5f, 65504, 0x1p-24f, Float.POSITIVE_INFINITY};
    Tensor t = Tensor.of(device, exact, 5);
    assertArrayEquals(exact, t.cast(DType.FLOAT16).toArray());
    assertEquals(10, t.cast(DType.FLOAT16).spec().bytes());
    float[] coarse = {0, -1.5f, 3e38f, 1e-38f, Float.NEGATIVE_INFINITY};
    float[] rounded = Tensor.of(device, coarse, 5).cast(DType.BFLOAT16).toArray();
    for (int i = 0; i < coarse.length; i++) {
      assertEquals(coarse[i], rounded[i], Math.abs(coarse[i]) / 256);
    }
    byte[] pixels = {0, 1, (byte) 200, (byte) 255};
    Tensor images = Tensor.ofBytes(device, pixels, 4);
    assertArrayEquals(new float[] {0, 1, 200, 255}, images.cast(DType.FLOAT32).toArray());
    assertArrayEquals(pixels, images.cast(DType.FLOAT32).cast(DType.UINT8).toByteArray());
  }

  @Test
  void arithmeticHasShortForms() {
    Tensor a = range(2, 2);
    assertArrayEquals(
        new float[] {1, 3, 3, 5}, a.add(Tensor.of(device, new float[] {1, 2}, 2)).toArray());
    assertArrayEquals(new float[] {0, 0, 0, 0}, a.subtract(a).toArray());
    assertArrayEquals(new float[] {0, 1, 4, 9}, a.multiply(a).toArray());
    assertArrayEquals(new float[] {0, .5f, 1, 1.5f}, a.divide(Tensor.full(device, 2)).toArray());
    assertArrayEquals(new float[] {2, 3, 6, 11}, a.matmul(a).toArray());
    assertEquals(6, a.sum().item());
    assertArrayEquals(new float[] {2, 4}, a.sum(0).toArray());
    assertArrayEquals(new float[] {.5f, 2.5f}, a.mean(-1).toArray());
    assertEquals(3, a.max(1, 0).item());
    assertArrayEquals(new int[] {1, 1}, a.argmax(0).toIntArray());
    assertArrayEquals(new float[] {3, 5, 7, 9}, a.multiply(2).add(3).toArray());
    assertArrayEquals(
        new float[] {0, 1, 2, 3, 0, 1}, Tensor.concat(0, a, a.slice(0, 0, 1)).toArray());
  }

  @Test
  void useAfterCloseIsRefused() {
    Tensor t = range(2);
    Tensor open = range(2);
    t.close();
    assertTrue(t.isClosed());
    for (Executable e :
        new Executable[] {
          t::toArray,
          () -> t.reshape(1, 2),
          () -> t.slice(0, 0, 1),
          t::copy,
          () -> t.to(device),
          () -> t.set(open),
          () -> open.set(t),
          () -> t.write(MemorySegment.ofArray(new float[2])),
          () -> t.read(MemorySegment.ofArray(new float[2])),
          () -> t.add(open),
          () -> open.add(t),
          () -> device.runInto(t, new ElementwiseOp.Affine(1, 1), open)
        }) {
      String m = refusal(IllegalStateException.class, e);
      assertTrue(m.contains("closed") && m.contains("float32[2]"), m);
    }
    assertTrue(t.toString().contains("closed"));
  }

  @Test
  void operandsMustNotOverlapWhatIsWritten() {
    Tensor t = range(8);
    Tensor low = t.slice(0, 0, 4);
    Tensor high = t.slice(0, 3, 4);
    ElementwiseOp.Affine op = new ElementwiseOp.Affine(1, 0);
    String m = refusal(IllegalArgumentException.class, () -> device.runInto(high, op, low));
    assertTrue(m.contains("affine") && m.contains("overlaps"), m);
    OptimizerOp.Sgd sgd = new OptimizerOp.Sgd(1, 0, false, 0);
    m = refusal(IllegalArgumentException.class, () -> device.run(sgd, low, low, high));
    assertTrue(m.contains("sgd") && m.contains("overlaps"), m);
    m = refusal(IllegalArgumentException.class, () -> device.runInto(range(3), op, low));
    assertTrue(m.contains("affine") && m.contains("float32[3]"), m);
  }

  @Test
  void textShowsTypeShapeAndValues() {
    assertEquals(
        "float32[2, 3] on " + device + "\n[[0.0000, 1.0000, 2.0000],\n [3.0000, 4.0000, 5.0000]]",
        range(2, 3).toString());
    assertEquals(
        "int32[3] on " + device + "\n[1, 2, -3]",
        Tensor.ofInts(device, new int[] {1, 2, -3}, 3).toString());
    assertEquals(
        "uint8[1] on " + device + "\n[200]",
        Tensor.ofBytes(device, new byte[] {(byte) 200}, 1).toString());
    assertEquals(
        "float32[] on " + device + "\n2.5000", Tensor.of(device, new float[] {2.5f}).toString());
    assertEquals("float32[0] on " + device + "\n[]", Tensor.zeros(device, 0).toString());
    assertEquals(
        "float32[3] on " + device + "\n[1.0000e-07, NaN, -3.0000e+20]",
        Tensor.of(device, new float[] {1e-7f, Float.NaN, -3e20f}, 3).toString());
    String longLine = range(100).toString();
    assertTrue(
        longLine.endsWith("[0.0000, 1.0000, 2.0000, ..., 97.0000, 98.0000, 99.0000]"), longLine);
    assertTrue(Tensor.zeros(device, 2000, 1000).toString().contains("2000000 elements"));
  }

  @Test
  void randomNumbersFollowTheSeed() {
    float[] a = Tensor.uniform(device, -1, 1, 42, 1000).toArray();
    assertArrayEquals(a, Tensor.uniform(device, -1, 1, 42, 1000).toArray());
    float[] z = Tensor.normal(device, 5, 2, 42, 10_000).toArray();
    double mean = 0;
    for (float v : z) {
      mean += v / z.length;
    }
    // Five standard errors.
    assertEquals(5, mean, 5 * 2 / Math.sqrt(z.length));
  }
}
