package dev.tilework.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.io.TorchFiles.Dense;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchWeightsTest {
  private static final Device CPU = Devices.cpu();
  private static final Path RESOURCES = Path.of("src/test/resources/torch");
  private static final long SEED = 17;
  private static final int CHANNELS = 3;
  private static final int FILTERS = 5;
  private static final int ROWS = 4;
  private static final int COLUMNS = 3;
  private static final int CLASSES = 2;

  @TempDir Path folder;

  /** A convolution and a linear layer over its flattened 3 x 2 result, with PyTorch's layouts. */
  private static Map<String, Dense> published() {
    Map<String, Dense> m = new LinkedHashMap<>();
    Random random = new Random(SEED);
    m.put("0.weight", random(random, FILTERS, CHANNELS, 2, 2));
    m.put("0.bias", random(random, FILTERS));
    m.put("2.weight", random(random, CLASSES, FILTERS * 3 * 2));
    m.put("2.bias", random(random, CLASSES));
    return m;
  }

  private static Module model() {
    Module m =
        new Sequential(
            new Conv2d(CHANNELS, FILTERS, 2),
            new Flatten(),
            new Linear(FILTERS * 3 * 2, CLASSES).ofImage(3, 2));
    m.init(CPU, 1);
    return m;
  }

  private static Dense random(Random random, int... dims) {
    float[] v = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian();
    }
    return new Dense(v, dims);
  }

  private Path safetensors(Map<String, Dense> state) throws IOException {
    Path file = folder.resolve("published.safetensors");
    try (Scope _ = Scope.open()) {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      state.forEach((n, t) -> tensors.put(n, Tensor.of(CPU, t.values(), t.dims())));
      tensors.put("1.num_batches_tracked", Tensor.ofInts(CPU, new int[] {5}, 1));
      Safetensors.save(file, tensors, Map.of("format", "pt"));
    }
    return file;
  }

  /** What PyTorch would compute of an image (channels, rows, columns). */
  private static double[] reference(Map<String, Dense> state, float[] image) {
    float[] w = state.get("0.weight").values();
    double[] flat = new double[FILTERS * 3 * 2];
    for (int o = 0; o < FILTERS; o++) {
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 2; x++) {
          double sum = state.get("0.bias").values()[o];
          for (int c = 0; c < CHANNELS; c++) {
            for (int i = 0; i < 4; i++) {
              int at = (c * ROWS + y + i / 2) * COLUMNS + x + i % 2;
              sum += (double) w[(o * CHANNELS + c) * 4 + i] * image[at];
            }
          }
          flat[(o * 3 + y) * 2 + x] = sum;
        }
      }
    }
    double[] out = new double[CLASSES];
    for (int k = 0; k < CLASSES; k++) {
      out[k] = state.get("2.bias").values()[k];
      for (int j = 0; j < flat.length; j++) {
        out[k] += state.get("2.weight").values()[k * flat.length + j] * flat[j];
      }
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "zip", "deflated", "legacy"})
  void aModelComputesWhatItDidInPyTorch(String format) throws IOException {
    Map<String, Dense> state = published();
    byte[] pickle = TorchFiles.stateDict(new PickleWriter(), state).end();
    Path pth = folder.resolve("published.pth");
    Path file =
        switch (format) {
          case "safetensors" -> safetensors(state);
          case "zip" -> TorchFiles.zip(pth, state);
          case "deflated" -> TorchFiles.zip(pth, pickle, TorchFiles.storages(state), true);
          default -> TorchFiles.legacy(pth, state);
        };
    float[] image = random(new Random(SEED + 1), CHANNELS, ROWS, COLUMNS).values();
    double[] expected = reference(state, image);
    try (Module m = model();
        Scope _ = Scope.open()) {
      Weights.Report r = TorchWeights.load(file, m);
      assertTrue(r.isComplete());
      assertEquals(List.of("0.weight", "0.bias", "2.weight", "2.bias"), r.loaded());
      Tensor x = Tensor.fromNchw(CPU, image, 1, CHANNELS, ROWS, COLUMNS);
      float[] y = m.apply(Variable.of(x)).value().toArray();
      for (int k = 0; k < CLASSES; k++) {
        assertEquals(expected[k], y[k], 1e-4, format + ", seed " + SEED);
      }
    }
  }

  @Test
  void aConvolutionOverTheWholeImageIsALinearLayer() throws IOException {
    Map<String, Dense> state = published();
    Map<String, Dense> other = new LinkedHashMap<>(state);
    other.put("2.weight", new Dense(state.get("2.weight").values(), CLASSES, FILTERS, 3, 2));
    try (Module a = model();
        Module b = model()) {
      TorchWeights.load(TorchFiles.zip(folder.resolve("a.pth"), state), a);
      TorchWeights.load(TorchFiles.zip(folder.resolve("b.pth"), other), b);
      assertEquals(values(a), values(b));
    }
  }

  @Test
  void everyDifferenceIsListedAndNothingIsChanged() throws IOException {
    Map<String, Dense> state = published();
    state.remove("0.bias");
    state.put("2.weight", TorchFiles.counting(7, 30));
    state.put("2.bias", TorchFiles.counting(7));
    state.put("3.weight", TorchFiles.counting(1));
    Path file = safetensors(state);
    try (Module m = model()) {
      Map<String, List<Float>> before = values(m);
      var e = assertThrows(FormatException.class, () -> TorchWeights.load(file, m));
      assertEquals(
          file
              + ": it does not fit the model:"
              + "\n  mismatched 2.weight: F32[7, 30] in the file, float32[2, 30] in the model"
              + "\n  mismatched 2.bias: F32[7] in the file, float32[2] in the model"
              + "\n  missing 0.bias"
              + "\n  unexpected 3.weight",
          e.getMessage());
      assertEquals(before, values(m));
      try (TorchWeights w = TorchWeights.open(file)) {
        Weights.Report r = w.loadMatching(m);
        assertEquals(List.of("0.weight"), r.loaded());
        assertEquals(List.of("0.bias"), r.missing());
        assertEquals(List.of("3.weight"), r.unexpected());
        assertEquals(2, r.mismatched().size());
      }
      assertEquals(before.get("2.weight"), values(m).get("2.weight"));
      assertTrue(!before.get("0.weight").equals(values(m).get("0.weight")));
    }
  }

  @Test
  void theLastLayerCanBeLeftOut() throws IOException {
    Map<String, Dense> state = published();
    state.put("2.weight", TorchFiles.counting(7, 30));
    state.put("2.bias", TorchFiles.counting(7));
    Path file = safetensors(state);
    try (Module m = model()) {
      Map<String, List<Float>> before = values(m);
      assertEquals(
          List.of("0.weight", "0.bias"), TorchWeights.load(file, m, "2").loaded(), "the part '2'");
      assertEquals(before.get("2.weight"), values(m).get("2.weight"));
      // "2" is no beginning of other names.
      assertThrows(FormatException.class, () -> TorchWeights.load(file, m, "2.w"));
    }
  }

  @Test
  void filesOfThisLibraryAreNotTakenForForeignOnes() throws IOException {
    Path file = folder.resolve("own.safetensors");
    try (Module m = model()) {
      Weights.save(file, m);
      var e = assertThrows(FormatException.class, () -> TorchWeights.load(file, m));
      assertTrue(e.getMessage().contains("nhwc"), e.getMessage());
    }
  }

  @Test
  void otherPrecisionsBecomeFloat32() throws IOException {
    float[] x = {1.5f, -2, 0.25f, 65504};
    byte[] doubles = new byte[32];
    ByteBuffer d = ByteBuffer.wrap(doubles).order(ByteOrder.LITTLE_ENDIAN);
    for (float v : x) {
      d.putDouble(v + 1e-12);
    }
    Map<String, byte[]> storages = new LinkedHashMap<>();
    try (Scope _ = Scope.open()) {
      Tensor t = Tensor.of(CPU, x, 4);
      storages.put("h", bytes(t.cast(DType.FLOAT16)));
      storages.put("b", bytes(t.cast(DType.BFLOAT16)));
    }
    storages.put("d", doubles);
    storages.put("n", new byte[32]);
    PickleWriter p = new PickleWriter().op("}(");
    long[] dims = {4};
    long[] strides = {1};
    p.text("half").tensor("HalfStorage", "h", 4, 0, dims, strides);
    p.text("brain").tensor("BFloat16Storage", "b", 4, 0, dims, strides);
    p.text("double").tensor("DoubleStorage", "d", 4, 0, dims, strides);
    p.text("long").tensor("LongStorage", "n", 4, 0, dims, strides);
    Path file = TorchFiles.zip(folder.resolve("p.pth"), p.op("u").end(), storages, false);
    try (TorchWeights w = TorchWeights.open(file);
        Scope _ = Scope.open()) {
      assertArrayEquals(x, w.read("half", CPU).toArray());
      assertArrayEquals(new float[] {1.5f, -2, 0.25f, 65536}, w.read("brain", CPU).toArray());
      assertArrayEquals(x, w.read("double", CPU).toArray());
      var e = assertThrows(FormatException.class, () -> w.read("long", CPU));
      assertTrue(e.getMessage().contains("I64"), e.getMessage());
    }
  }

  private static byte[] bytes(Tensor t) {
    byte[] b = new byte[(int) t.spec().bytes()];
    t.read(java.lang.foreign.MemorySegment.ofArray(b));
    return b;
  }

  /** A transposed view, one with an offset, one along a stride of 0, of one storage. */
  @Test
  void viewsOfASharedStorage() throws IOException {
    byte[] storage = TorchFiles.counting(12).bytes();
    PickleWriter p = new PickleWriter().op("}").text("state_dict").op("}(");
    p.text("a").tensor("FloatStorage", "0", 12, 0, new long[] {3, 4}, new long[] {1, 3});
    p.text("b").tensor("FloatStorage", "0", 12, 5, new long[] {2, 2}, new long[] {4, 2});
    p.text("c").tensor("FloatStorage", "0", 12, 11, new long[] {2, 3}, new long[] {0, 0});
    p.text("e").tensor("FloatStorage", "0", 12, 99, new long[] {0, 3}, new long[] {3, 1});
    p.text("s").tensor("FloatStorage", "0", 12, 4, new long[0], new long[0]);
    byte[] pickle = p.op("us").end();
    Path file = TorchFiles.zip(folder.resolve("v.pth"), pickle, Map.of("0", storage), false);
    try (TorchWeights w = TorchWeights.open(file);
        Scope _ = Scope.open()) {
      assertArrayEquals(
          new float[] {1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12}, w.read("a", CPU).toArray());
      assertArrayEquals(new float[] {6, 8, 10, 12}, w.read("b", CPU).toArray());
      assertArrayEquals(new float[] {12, 12, 12, 12, 12, 12}, w.read("c", CPU).toArray());
      assertEquals(Shape.of(0, 3), w.read("e", CPU).shape());
      assertArrayEquals(new float[] {5}, w.read("s", CPU).toArray());
    }
  }

  /** What training scripts put around a state dictionary. */
  @Test
  void nestedCheckpoints() throws IOException {
    Map<String, Dense> state = published();
    for (String key : new String[] {"state_dict", "model", "model_state_dict"}) {
      PickleWriter p = new PickleWriter().op("}(").text("epoch").number(90).text("best").op("N");
      p.text("rate").op("G").raw(0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a);
      TorchFiles.stateDict(p.text(key), state).op("u");
      Path file = folder.resolve("n.pth");
      TorchFiles.zip(file, p.end(), TorchFiles.storages(state), false);
      try (TorchWeights w = TorchWeights.open(file)) {
        assertEquals(state.keySet(), w.names(), key);
      }
    }
  }

  @Test
  void namesOfParallelModelsLoseTheirPrefix() throws IOException {
    Map<String, Dense> state = new LinkedHashMap<>();
    published().forEach((n, t) -> state.put("module." + n, t));
    try (TorchWeights w = TorchWeights.open(TorchFiles.zip(folder.resolve("m.pth"), state))) {
      assertEquals(published().keySet(), w.names());
      assertEquals(Shape.of(FILTERS, CHANNELS, 2, 2), w.shape("0.weight"));
      TorchWeights other = w.renamed(Map.of("2", "head.fc", "0.w", "never"));
      assertEquals(
          List.of("0.weight", "0.bias", "head.fc.weight", "head.fc.bias"),
          List.copyOf(other.names()));
      assertThrows(IllegalArgumentException.class, () -> w.renamed(Map.of("2", "0")));
    }
  }

  /** By CPython's pickle and zipfile, with zip64 fields; the script is beside it. */
  @Test
  void aFileThatPythonWrote() throws IOException {
    try (TorchWeights w = TorchWeights.open(RESOURCES.resolve("python-pickle.pth"));
        Module conv = new Sequential(new Conv2d(3, 2, 2).withoutBias(), new BatchNorm2d(2));
        Scope _ = Scope.open()) {
      assertEquals(List.of("conv.weight", "view.weight", "half.bias"), List.copyOf(w.names()));
      assertArrayEquals(new float[] {0.5f, -2, 65504}, w.read("half.bias", CPU).toArray());
      assertArrayEquals(new float[] {1, 9, 3, 11, 5, 13}, w.read("view.weight", CPU).toArray());
      conv.init(CPU, 1);
      w.renamed(Map.of("conv", "0")).loadMatching(conv);
      float[] loaded = conv.state().get("0.weight").toArray();
      // (out, rows, columns, in) of what counts up in (out, in, rows, columns).
      assertArrayEquals(
          new float[] {0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11}, Arrays.copyOf(loaded, 12));
    }
  }

  /** Published weights, saved by PyTorch itself in 2018; the sums are numpy's. */
  @Test
  void aFileThatPyTorchWrote() throws IOException {
    try (TorchWeights w = TorchWeights.open(RESOURCES.resolve("lpips-alex.pth"));
        Scope _ = Scope.open()) {
      double[] sums = {2.3495323137195783, 16.1430274810632, 39.26843924544403};
      for (int i = 0; i < sums.length; i++) {
        float[] v = w.read("lin" + i + ".model.1.weight", CPU).toArray();
        double sum = 0;
        for (float x : v) {
          sum += x;
        }
        assertEquals(sums[i], sum, 1e-9);
      }
      assertEquals(Shape.of(1, 384, 1, 1), w.shape("lin2.model.1.weight"));
      assertEquals(
          0.06362459659576416f * 10, w.read("lin1.model.1.weight", CPU).toArray()[191], 1e-6);
    }
  }

  /** The names that loading leaves open are closed again: Windows deletes no mapped file. */
  @Test
  void theFileIsLetGo() throws IOException {
    Path file = TorchFiles.zip(folder.resolve("c.pth"), published());
    TorchWeights w = TorchWeights.open(file);
    w.close();
    w.close();
    assertThrows(IllegalStateException.class, () -> w.read("0.weight", CPU));
    Files.delete(file);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }

  private static Map<String, List<Float>> values(Module m) {
    Map<String, List<Float>> all = new LinkedHashMap<>();
    m.state()
        .forEach(
            (name, t) -> {
              float[] v = t.toArray();
              Float[] boxed = new Float[v.length];
              Arrays.setAll(boxed, i -> v[i]);
              all.put(name, List.of(boxed));
            });
    return all;
  }
}
