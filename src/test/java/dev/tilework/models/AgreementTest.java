package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Augmentation;
import dev.tilework.data.Batch;
import dev.tilework.data.DataLoader;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.Normalization;
import dev.tilework.nn.Module;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole networks on each device against the CPU, as {@link Agreement} allows. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#others")
class AgreementTest {
  private static final int SEED = 11;
  private static final int STEPS = 10;

  @Parameter private Device device;

  @Test
  void vgg16() {
    assertSameLogits("vgg16", Models.inputSize("vgg16"));
  }

  @Test
  void resnet50() {
    assertSameLogits("resnet50", Models.inputSize("resnet50"));
  }

  @Test
  void inception() {
    assertSameLogits("inception_v3", 107);
  }

  @Test
  void xception() {
    assertSameLogits("xception", 71);
  }

  private void assertSameLogits(String name, int size) {
    try (Module other = Models.create(name, 1000, device, SEED)) {
      float[] expected;
      float[] image;
      try (Module cpu = Models.create(name, 1000, Devices.cpu(), SEED);
          Scope scope = Scope.open()) {
        RandomState.fill(cpu, SEED);
        copy(cpu, other);
        Tensor x = Tensor.normal(Devices.cpu(), 0, 1, SEED, 1, size, size, 3);
        image = x.toArray();
        expected = logits(cpu, x);
      }
      try (Scope scope = Scope.open()) {
        float[] got = logits(other, Tensor.of(device, image, 1, size, size, 3));
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
          largest = Math.max(largest, Math.abs(expected[i]));
          difference = Math.max(difference, Math.abs(expected[i] - got[i]));
        }
        assertWithin(Agreement.LOGITS, 0, difference / largest, name);
      }
    }
  }

  private static float[] logits(Module network, Tensor x) {
    network.train(false);
    try (NoGrad off = NoGrad.open()) {
      return network.apply(Variable.of(x)).value().toArray();
    }
  }

  /** The same weights to the bit: functions in initial values round differently. */
  private static void copy(Module from, Module to) {
    Map<String, Tensor> target = to.state();
    from.state()
        .forEach(
            (name, t) -> {
              try (Tensor moved = t.to(target.get(name).device())) {
                target.get(name).set(moved);
              }
            });
  }

  @Test
  void tenStepsOfTraining() {
    GeneratedShapes shapes = new GeneratedShapes(160, 32, 1);
    var options =
        DataLoader.Options.training(16, Augmentation.STANDARD, Normalization.of(shapes, 50), 7);
    try (Module cpu = Models.create("resnet20", 10, Devices.cpu(), SEED);
        Module other = Models.create("resnet20", 10, device, SEED);
        Optimizer first = new Sgd(cpu.parameters(), 0.9f, true, WeightDecay.of(1e-4f));
        Optimizer second = new Sgd(other.parameters(), 0.9f, true, WeightDecay.of(1e-4f));
        DataLoader loader = new DataLoader(shapes, options);
        DataLoader.Batches batches = loader.epoch(0)) {
      copy(cpu, other);
      Map<String, float[]> start = values(cpu);
      int step = 0;
      while (batches.hasNext()) {
        Batch b = batches.next();
        float expected = step(cpu, first, b);
        float got = step(other, second, b);
        assertWithin(Agreement.LOSS, step, Math.abs(got - expected) / expected, "loss");
        assertWithin(Agreement.WEIGHTS, step, distance(cpu, other, start), "weights");
        step++;
      }
      assertEquals(STEPS, step);
    }
  }

  private static float step(Module network, Optimizer optimizer, Batch batch) {
    try (Scope scope = Scope.open()) {
      Device d = network.parameters().values().iterator().next().value().device();
      Variable loss = network.apply(Variable.of(batch.images(d))).crossEntropy(batch.labels(d), 0);
      loss.backward();
      optimizer.step(0.005f);
      network.zeroGrad();
      return loss.value().item();
    }
  }

  private static Map<String, float[]> values(Module m) {
    Map<String, float[]> all = new TreeMap<>();
    m.parameters().forEach((name, v) -> all.put(name, v.value().toArray()));
    return all;
  }

  /** The distance between two networks, relative to the first one's from the start. */
  private static double distance(Module a, Module b, Map<String, float[]> start) {
    Map<String, float[]> first = values(a);
    Map<String, float[]> second = values(b);
    double apart = 0;
    double moved = 0;
    for (String name : first.keySet()) {
      for (int i = 0; i < first.get(name).length; i++) {
        float w = first.get(name)[i];
        apart += square(w - second.get(name)[i]);
        moved += square(w - start.get(name)[i]);
      }
    }
    return Math.sqrt(apart / moved);
  }

  private static double square(double v) {
    return v * v;
  }

  private static void assertWithin(Agreement bound, int step, double difference, String what) {
    assertTrue(
        difference <= bound.bound(step),
        () ->
            String.format(
                "%s, step %d: %.2e apart, at most %.2e is %s",
                what, step, difference, bound.bound(step), bound));
  }
}
