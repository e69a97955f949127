package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers against cases small enough to compute by hand. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class LayersTest {
  @Parameter private Device device;
  private static final float[] ONE_TO_NINE = {1, 2, 3, 4, 5, 6, 7, 8, 9};

  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void conv2d() {
    try (Conv2d conv = new Conv2d(1, 2, 2).stride(2).padding(1)) {
      init(conv);
      assertEquals(Shape.of(2, 2, 2, 1), conv.shapes().get("weight"));
      set(conv, "weight", 1, 2, 3, 4, 0, 0, 0, -1);
      set(conv, "bias", 10, 0);
      // Windows of the 3x3 image padded by one: {0,0,0,1}, {0,0,2,3}, {0,4,0,7}, {5,6,8,9}.
      float[] expected = {14, -1, 28, -3, 46, -7, 87, -9};
      Variable x = x(ONE_TO_NINE, 1, 3, 3, 1);
      assertValues(expected, conv.apply(x));
      assertValues(new float[] {14, 0, 28, 0, 46, 0, 87, 0}, conv.relu(x));
      Variable r = x(new float[] {-15, 2, 0, 3, 0, 0, 1, 1}, 1, 2, 2, 2);
      assertValues(new float[] {0, 1, 28, 0, 46, 0, 88, 0}, conv.addRelu(x, r));
    }
  }

  @Test
  void conv2dWithGroupsDilationAndNoBias() {
    try (Conv2d conv = new Conv2d(2, 2, 2).dilation(2).groups(2).withoutBias()) {
      init(conv);
      assertEquals(java.util.Set.of("weight"), conv.shapes().keySet());
      assertEquals(Shape.of(2, 2, 2, 1), conv.shapes().get("weight"));
      set(conv, "weight", 1, 1, 1, 1, 1, 0, 0, 2);
      float[] image = new float[18];
      for (int i = 0; i < 9; i++) {
        image[2 * i] = i + 1;
        image[2 * i + 1] = -i;
      }
      // The corners of channel 0 are 1, 3, 7, 9; of channel 1: 0, -2, -6, -8.
      assertValues(new float[] {20, -16}, conv.apply(x(image, 1, 3, 3, 2)));
    }
  }

  @Test
  void conv2dOptionsMakeNewLayersAndOnlyBeforeInit() {
    Conv2d plain = new Conv2d(3, 4, 3);
    assertTrue(plain != plain.stride(2));
    try (plain) {
      init(plain);
      assertThrows(IllegalStateException.class, () -> plain.padding(1));
    }
  }

  @Test
  void badSizesAreNamed() {
    assertThrows(IllegalArgumentException.class, () -> new Conv2d(0, 4, 3));
    var e = assertThrows(IllegalArgumentException.class, () -> new Conv2d(3, 4, 3).groups(2));
    assertTrue(e.getMessage().contains("3 input and 4 output channels in 2 groups"));
    assertThrows(IllegalArgumentException.class, () -> new Linear(3, 0));
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(0));
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(4, 0, 0.1f));
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm2d(4, 1e-5f, 1.5f));
    assertThrows(IllegalArgumentException.class, () -> new Dropout(1));
    try (Conv2d conv = new Conv2d(3, 4, 3)) {
      init(conv);
      Variable wrong = x(new float[32], 1, 4, 4, 2);
      var w = assertThrows(IllegalArgumentException.class, () -> conv.apply(wrong));
      assertTrue(
          w.getMessage().contains("[1, 4, 4, 2]") && w.getMessage().contains("[4, 3, 3, 3]"));
    }
  }

  @Test
  void linear() {
    try (Linear linear = new Linear(3, 2);
        Linear plain = new Linear(3, 2, false, Init.constant(1))) {
      init(linear);
      init(plain);
      set(linear, "weight", 1, 0, -1, 2, 2, 2);
      set(linear, "bias", 0.5f, -1);
      Variable x = x(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
      assertValues(new float[] {-1.5f, 11, -1.5f, 29}, linear.apply(x));
      assertValues(new float[] {6, 6, 15, 15}, plain.apply(x));
    }
  }

  @Test
  void flattenKeepsRowsColumnsChannels() {
    Variable y = new Flatten().apply(x(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 2, 2));
    assertEquals(Shape.of(1, 8), y.shape());
    assertValues(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, y);
    Variable scalar = x(new float[] {1});
    assertThrows(IllegalArgumentException.class, () -> new Flatten().apply(scalar));
  }

  @Test
  void pooling() {
    Variable x = x(ONE_TO_NINE, 1, 3, 3, 1);
    assertValues(new float[] {5, 6, 8, 9}, new MaxPool2d(2, 1, 0).apply(x));
    assertValues(new float[] {5}, new MaxPool2d(2).apply(x));
    assertValues(new float[] {3, 4, 6, 7}, new AvgPool2d(2, 1, 0, true).apply(x));
    assertValues(new float[] {0.25f, 1.25f, 2.75f, 7}, new AvgPool2d(2, 2, 1, true).apply(x));
    assertValues(new float[] {1, 2.5f, 5.5f, 7}, new AvgPool2d(2, 2, 1, false).apply(x));
    assertValues(new float[] {5}, new AdaptiveAvgPool2d().apply(x));
    assertValues(new float[] {3, 4, 6, 7}, new AdaptiveAvgPool2d(2, 2).apply(x));
  }

  @Test
  void activations() {
    Variable x = x(new float[] {-2, 0, 3}, 3);
    assertValues(new float[] {0, 0, 3}, new Relu().apply(x));
    assertValues(new float[] {-0.5f, 0, 3}, new Activate(Activation.leakyRelu(0.25f)).apply(x));
  }

  @Test
  void sequentialComputesAReluInThePassOfTheLayerBefore() {
    try (Conv2d conv = new Conv2d(2, 3, 3).padding(1);
        BatchNorm2d norm = new BatchNorm2d(3);
        Sequential chain = new Sequential(conv, new Relu(), norm, new Relu(), new Flatten())) {
      init(chain);
      chain.train(false);
      set(norm, "running_mean", 0.1f, 0.2f, 0.3f);
      Variable x = Variable.of(Tensor.normal(device, 0, 1, 5, 2, 4, 4, 2));
      Variable plain = new Flatten().apply(norm.apply(conv.apply(x).relu()).relu());
      int[] seen = {0};
      Module.observe((m, y) -> seen[0]++, () -> assertClose(plain, chain.apply(x)));
      assertEquals(4, seen[0], "conv, norm, flatten and the chain");
      assertEquals(
          java.util.List.of("0", "1", "2", "3", "4"),
          java.util.List.copyOf(chain.children().keySet()));
    }
  }

  @Test
  void residual() {
    try (Residual doubled = new Residual(new Flatten());
        Residual fused = new Residual(new Sequential(new Conv2d(2, 2, 1), new BatchNorm2d(2)));
        Residual projected =
            new Residual(
                new Sequential(new Conv2d(2, 3, 1), new Flatten()),
                new Sequential(new Flatten(), new Linear(2, 3)))) {
      assertValues(new float[] {0, 4}, doubled.apply(x(new float[] {-1, 2}, 1, 2)));
      init(fused);
      fused.train(false);
      Module body = fused.children().get("body");
      Variable x = Variable.of(Tensor.normal(device, 0, 1, 6, 2, 3, 3, 2));
      assertClose(body.apply(x).add(x).relu(), fused.apply(x));
      init(projected);
      Variable y = x(new float[] {3, -4}, 1, 1, 1, 2);
      Variable shortcut = projected.children().get("shortcut").apply(y);
      Variable straight = projected.children().get("body").apply(y);
      assertClose(straight.add(shortcut).relu(), projected.apply(y));
      assertTrue(projected.shapes().containsKey("shortcut.1.weight"));
    }
  }

  private void init(Module m) {
    m.init(device, 1);
  }

  static void set(Module m, String name, float... values) {
    m.state().get(name).write(MemorySegment.ofArray(values));
  }

  private Variable x(float[] values, int... dims) {
    return Variable.of(Tensor.of(device, values, dims));
  }

  private static void assertValues(float[] expected, Variable y) {
    assertArrayEquals(expected, y.value().toArray(), 1e-6f);
  }

  private static void assertClose(Variable expected, Variable y) {
    assertEquals(expected.shape(), y.shape());
    assertArrayEquals(expected.value().toArray(), y.value().toArray(), 1e-5f);
  }
}
