package dev.tilework.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

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

/**
 * Sums so long that they are cut into parts: they must be as accurate as short ones, and the same
 * bits whatever thread adds what, interpreted or compiled.
 */
class LongSumsTest {
  private static final Device CPU = Devices.cpu();

  private static Tensor normal(float mean, float deviation, long seed, int... dims) {
    return CPU.run1(new RandomOp.Normal(Shape.of(dims), mean, deviation, seed, 0));
  }

  private static Tensor reduce(Reduce.Kind kind, Tensor x, Integer... axes) {
    return CPU.run1(new Reduce(kind, List.of(axes), false), x);
  }

  @Test
  void sumOfMillionsOfElements() {
    try (Scope _ = Scope.open()) {
      Tensor x = normal(0.1f, 0.01f, 1, 3_000_017);
      double exact = 0;
      for (float v : x.toArray()) {
        exact += v;
      }
      assertEquals(exact, reduce(Reduce.Kind.SUM, x, 0).item(), 3e-7 * exact);
      assertEquals(
          exact / x.elements(), reduce(Reduce.Kind.MEAN, x, 0).item(), 3e-7 * exact / x.elements());
    }
  }

  @Test
  void sumsDownLongColumns() {
    for (int c : new int[] {1, 3, 67, 600}) {
      try (Scope _ = Scope.open()) {
        int rows = 1_500_007 / c;
        Tensor x = normal(0.1f, 0.01f, 2, rows, c);
        double[] exact = new double[c];
        float[] values = x.toArray();
        for (int i = 0; i < values.length; i++) {
          exact[i % c] += values[i];
        }
        float[] got = reduce(Reduce.Kind.SUM, x, 0).toArray();
        for (int j = 0; j < c; j++) {
          assertEquals(exact[j], got[j], 3e-7 * exact[j], "column " + j + " of " + c);
        }
      }
    }
  }

  /** A mean far from 0 makes the plain sum of squares useless in float32. */
  @Test
  void varianceFarFromZero() {
    for (int c : new int[] {1, 5, 64, 131}) {
      try (Scope _ = Scope.open()) {
        int rows = 200_003 / c;
        Tensor x = normal(1000, 1, 3, rows, c);
        double[] mean = new double[c];
        double[] squares = new double[c];
        float[] values = x.toArray();
        for (int i = 0; i < values.length; i++) {
          mean[i % c] += values[i] / (double) rows;
        }
        for (int i = 0; i < values.length; i++) {
          squares[i % c] += (values[i] - mean[i % c]) * (values[i] - mean[i % c]);
        }
        Tensor one = Tensor.full(CPU, 1, c);
        Tensor zero = Tensor.zeros(CPU, c);
        List<Tensor> out =
            CPU.run(
                new NormOp.BatchNormTraining(0, 1, false, false),
                x,
                one,
                zero,
                Tensor.zeros(CPU, c),
                Tensor.zeros(CPU, c));
        for (int j = 0; j < c; j++) {
          assertEquals(mean[j], out.get(1).toArray()[j], 1e-3, "mean " + j + " of " + c);
          double inverse = 1 / Math.sqrt(squares[j] / rows);
          assertEquals(inverse, out.get(2).toArray()[j], 1e-6, "deviation " + j + " of " + c);
        }
      }
    }
  }

  @Test
  void infinityAndNanSurviveCompensation() {
    try (Scope _ = Scope.open()) {
      float[] v = new float[200_000];
      v[3] = Float.POSITIVE_INFINITY;
      v[100_001] = Float.NaN;
      Tensor sums = reduce(Reduce.Kind.SUM, Tensor.of(CPU, v, 50_000, 4), 0);
      assertArrayEquals(new float[] {0, Float.NaN, 0, Float.POSITIVE_INFINITY}, sums.toArray());
    }
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
