package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.reference.HostTensor;
import dev.tilework.kernels.reference.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** A device used by several threads at once, and operands that change between operations. */
class SharedUseTest {
  private static final int THREADS = 4;
  private static final int EVERY = 97;

  @TestFactory
  Stream<DynamicNode> sharedUse() {
    return DeviceUnderTest.each(
        device ->
            Stream.of(
                dynamicTest(device.name() + " from several threads", () -> threads(device)),
                dynamicTest(
                    device.name() + " with weights that change", () -> changingWeights(device))));
  }

  private static void threads(Device device) throws InterruptedException, ExecutionException {
    List<Sample> samples = new ArrayList<>();
    for (List<Sample> s : Samples.all().values()) {
      for (int i = 0; i < s.size(); i += EVERY) {
        samples.add(s.get(i));
      }
    }
    List<Future<List<String>>> results = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      for (int t = 0; t < THREADS; t++) {
        // Each thread starts elsewhere, so that different operations meet.
        int start = t * samples.size() / THREADS;
        results.add(pool.submit(() -> problems(device, samples, start)));
      }
    }
    for (Future<List<String>> r : results) {
      assertEquals(List.of(), r.get());
    }
  }

  private static List<String> problems(Device device, List<Sample> samples, int start) {
    List<String> problems = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      problems.addAll(SampleRun.problems(device, samples.get((start + i) % samples.size())));
    }
    return problems;
  }

  /** A device may keep weights in an order of its own, and must see when they change. */
  private static void changingWeights(Device device) {
    for (ConvGeometry g :
        List.of(
            ConvSamples.geometry(1, 12, 12, 16, 24, 3, 1, 1, 1, 1),
            ConvSamples.geometry(1, 9, 9, 24, 40, 1, 1, 0, 1, 1),
            ConvSamples.geometry(1, 9, 9, 24, 24, 3, 1, 1, 1, 24),
            ConvSamples.geometry(1, 14, 14, 3, 16, 5, 2, 2, 1, 1),
            ConvSamples.geometry(1, 9, 9, 24, 24, 3, 2, 1, 1, 2))) {
      SplittableRandom rng = new SplittableRandom(g.hashCode());
      HostTensor x = Inputs.fill(TensorSpec.f32(g.inputShape()), Fill.INTEGERS, rng);
      HostTensor dy = Inputs.fill(TensorSpec.f32(g.outputShape()), Fill.INTEGERS, rng);
      int size = Math.toIntExact(g.weightShape().elements());
      try (Scope scope = Scope.open()) {
        // Two sets of weights in one buffer.
        Tensor both = Tensor.zeros(device, 2 * size);
        Tensor first = both.slice(0, 0, size).reshape(g.weightShape().dims());
        Tensor second = both.slice(0, size, size).reshape(g.weightShape().dims());
        Tensor step = Tensor.full(device, 1, g.weightShape().dims());
        Tensor velocity = Tensor.zeros(device, g.weightShape().dims());
        for (int round = 0; round < 3; round++) {
          for (Tensor w : List.of(first, second)) {
            HostTensor content = Inputs.fill(w.spec(), Fill.INTEGERS, rng);
            w.write(content.encode());
            compare(device, g, x, dy, w);
            w.set(w.multiply(2));
            compare(device, g, x, dy, w);
            device.run(new OptimizerOp.Sgd(1, 0, false, 0), w, velocity, step);
            compare(device, g, x, dy, w);
          }
          compare(device, g, x, dy, first);
        }
      }
    }
  }

  private static void compare(
      Device device, ConvGeometry g, HostTensor x, HostTensor dy, Tensor w) {
    compare(device, new ConvOp.Forward(g), x, w);
    compare(device, new ConvOp.DataGrad(g), dy, w);
  }

  private static void compare(Device device, ConvOp op, HostTensor x, Tensor w) {
    HostTensor expected = Reference.run(op, List.of(x, HostTensor.of(w))).getFirst();
    Tolerance tolerance =
        Tolerance.winograd(op.geometry()) ? Tolerance.TRANSFORMED : Tolerance.EXACT;
    HostTensor got = HostTensor.of(device.run1(op, x.to(device), w));
    assertNull(Comparison.difference(op.toString(), expected, got, tolerance, 500));
  }
}
