package dev.tilework.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.models.Models;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsTest {
  private static final Device CPU = Devices.cpu();

  @TempDir Path folder;

  @Test
  void roundTripOfATrainedModelKeepsEveryBit() throws IOException {
    Path file = folder.resolve("m.safetensors");
    try (Module a = Models.create("resnet8", 10, CPU, 1);
        Module b = Models.create("resnet8", 10, CPU, 2);
        Scope scope = Scope.open()) {
      // A training pass moves the running statistics away from where they begin.
      a.apply(Variable.of(Tensor.normal(CPU, 0, 1, 3, 2, 8, 8, 3)));
      Weights.save(file, a);
      Weights.load(file, b);
      assertEquals(a.state().keySet(), b.state().keySet());
      a.state().forEach((n, t) -> assertArrayEquals(t.toArray(), b.state().get(n).toArray(), n));
      assertTrue(b.state().get("bn1.running_mean").toArray()[0] != 0);
    }
  }

  @Test
  void everyDifferenceIsListedAndNothingIsChanged() throws IOException {
    Path file = folder.resolve("m.safetensors");
    try (Module saved = new Sequential(new Conv2d(3, 4, 3), new Linear(4, 2), new BatchNorm2d(2));
        Module model = new Sequential(new Conv2d(3, 4, 3), new Linear(5, 2), new Linear(2, 2))) {
      saved.init(CPU, 1);
      model.init(CPU, 2);
      Weights.save(file, saved);
      Map<String, float[]> before = values(model);
      var e = assertThrows(FormatException.class, () -> Weights.load(file, model));
      assertEquals(
          file
              + ": it does not fit the model:"
              + "\n  mismatched 1.weight: F32[2, 4] in the file, float32[2, 5] in the model"
              + "\n  mismatched 2.weight: F32[2] in the file, float32[2, 2] in the model"
              + "\n  unexpected 2.running_mean"
              + "\n  unexpected 2.running_var",
          e.getMessage());
      var missing = assertThrows(FormatException.class, () -> Weights.load(reduced(saved), saved));
      assertTrue(missing.getMessage().contains("\n  missing 0.bias"), missing.getMessage());
      assertUnchanged(before, model);

      Weights.Report r = Weights.loadMatching(file, model);
      assertEquals(List.of("0.weight", "0.bias", "1.bias", "2.bias"), r.loaded());
      assertEquals(List.of(), r.missing());
      assertEquals(List.of("2.running_mean", "2.running_var"), r.unexpected());
      assertEquals(List.of("1.weight", "2.weight"), List.copyOf(r.mismatched().keySet()));
      Map<String, float[]> after = values(model);
      assertArrayEquals(saved.state().get("0.weight").toArray(), after.get("0.weight"));
      assertArrayEquals(before.get("1.weight"), after.get("1.weight"));
    }
  }

  private Path reduced(Module m) throws IOException {
    Map<String, Tensor> state = new LinkedHashMap<>(m.state());
    state.remove("0.bias");
    Path file = folder.resolve("reduced.safetensors");
    Weights.save(file, state, Map.of());
    return file;
  }

  @Test
  void fileOfAnotherLayoutIsRefused() throws IOException {
    Path file = folder.resolve("t.safetensors");
    try (Tensor a = Tensor.of(CPU, new float[] {1, 2}, 2);
        Tensor b = Tensor.of(CPU, new float[] {3, 4}, 2)) {
      for (Map<String, String> m : List.of(Map.<String, String>of(), Map.of("layout", "nchw"))) {
        Safetensors.save(file, Map.of("a", a), m);
        var e = assertThrows(FormatException.class, () -> Weights.load(file, Map.of("a", b)));
        assertTrue(e.getMessage().contains("layout"), e.getMessage());
        assertArrayEquals(new float[] {3, 4}, b.toArray());
      }
    }
  }

  @Test
  void halfPrecisionWidensAndOtherTypesDoNot() throws IOException {
    Path file = folder.resolve("h.safetensors");
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(CPU, new float[] {1.5f, -2, 0.25f}, 3);
      Map<String, Tensor> saved = new LinkedHashMap<>();
      saved.put("a", x.cast(DType.FLOAT16));
      saved.put("b", x.cast(DType.BFLOAT16));
      Weights.save(file, saved, Map.of("epoch", "3"));
      Map<String, Tensor> target = new LinkedHashMap<>();
      target.put("a", Tensor.of(CPU, new float[3], 3));
      target.put("b", Tensor.of(CPU, new float[3], 3));
      Weights.load(file, target);
      assertArrayEquals(x.toArray(), target.get("a").toArray());
      assertArrayEquals(x.toArray(), target.get("b").toArray());
      target.put("b", Tensor.ofInts(CPU, new int[3], 3));
      var e = assertThrows(FormatException.class, () -> Weights.load(file, target));
      assertTrue(e.getMessage().contains("BF16[3] in the file, int32[3]"), e.getMessage());
    }
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertEquals(Map.of("epoch", "3", "layout", "nhwc"), f.metadata());
    }
  }

  private static Map<String, float[]> values(Module m) {
    Map<String, float[]> v = new LinkedHashMap<>();
    m.state().forEach((name, t) -> v.put(name, t.toArray()));
    return v;
  }

  private static void assertUnchanged(Map<String, float[]> before, Module m) {
    m.state().forEach((name, t) -> assertArrayEquals(before.get(name), t.toArray(), name));
  }
}
