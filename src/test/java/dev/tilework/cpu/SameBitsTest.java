package dev.tilework.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.RandomOp;
import dev.tilework.kernels.ReduceOp.Reduce;
import dev.tilework.kernels.SoftmaxOp;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Sums so long that they are cut into parts: the same bits whatever thread adds what. */
class SameBitsTest {
  private static final Device CPU = Devices.cpu();

  private static Tensor normal(float mean, float deviation, long seed, int... dims) {
    return CPU.run1(new RandomOp.Normal(Shape.of(dims), mean, deviation, seed, 0));
  }

  private record Case(Op op, List<Tensor> in) {}

  private static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int c : new int[] {1, 3, 48, 64, 130}) {
      Tensor x = normal(1, 2, 4, 200_003 / c, c);
      Tensor y = normal(0, 1, 5, 200_003 / c, c);
      Tensor g = normal(1, 1, 6, c);
      for (Reduce.Kind kind : Reduce.Kind.values()) {
        for (List<Integer> axes : List.of(List.of(0), List.of(1), List.of(0, 1))) {
          cases.add(new Case(new Reduce(kind, axes, false), List.of(x)));
        }
      }
      cases.add(new Case(new NormOp.BatchNormTrainingGrad(true, true), List.of(y, x, g, g, g, y)));
      cases.add(
          new Case(
              new NormOp.BatchNormTraining(1e-5f, 0, true, true),
              List.of(x, g, g, Tensor.zeros(CPU, c), Tensor.zeros(CPU, c), y)));
      cases.add(new Case(new LossOp.MeanSquaredError(), List.of(x, y)));
      cases.add(new Case(new SoftmaxOp.Softmax(false), List.of(x)));
    }
    cases.add(new Case(new PoolOp.AdaptiveAverage(1, 1), List.of(normal(0, 1, 7, 3, 91, 89, 17))));
    return cases;
  }

  private static List<float[]> values(Case c) {
    List<float[]> values = new ArrayList<>();
    List<Tensor> out = CPU.run(c.op, c.in.toArray(Tensor[]::new));
    out.forEach(t -> values.add(t.toArray()));
    out.forEach(Tensor::close);
    return values;
  }

  @Test
  void sameBitsOnOneThreadAndOnAll() {
    try (Scope _ = Scope.open()) {
      for (Case c : cases()) {
        List<float[]> first = values(c);
        for (int round = 0; round < 2; round++) {
          List<float[]> all = values(c);
          List<float[]> one = new ArrayList<>();
          // Inside a task, a job's tasks run one after another on the task's thread.
          Parallel.run(
              2,
              i -> {
                if (i == 1) {
                  one.addAll(values(c));
                }
              });
          for (int k = 0; k < first.size(); k++) {
            String what = c.op + " of " + c.in.getFirst().shape() + ", result " + k;
            assertArrayEquals(first.get(k), all.get(k), what);
            assertArrayEquals(first.get(k), one.get(k), what);
          }
        }
      }
    }
  }
}
