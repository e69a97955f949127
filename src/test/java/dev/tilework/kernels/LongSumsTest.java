package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.ReduceOp.Reduce;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Sums so long that they are cut into parts must be as accurate as short ones. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class LongSumsTest {
  @Parameter private Device device;

  private Tensor normal(float mean, float deviation, long seed, int... dims) {
    return device.run1(new RandomOp.Normal(Shape.of(dims), mean, deviation, seed, 0));
  }

  private Tensor reduce(Reduce.Kind kind, Tensor x, Integer... axes) {
    return device.run1(new Reduce(kind, List.of(axes), false), x);
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
    // The CPU joins the means of blocks in float64; in float32 each is rounded to 6e-5 here.
    double tolerance = device.kind().equals("cpu") ? 1e-6 : 1e-5;
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
        Tensor one = Tensor.full(device, 1, c);
        Tensor zero = Tensor.zeros(device, c);
        List<Tensor> out =
            device.run(
                new NormOp.BatchNormTraining(0, 1, false, false),
                x,
                one,
                zero,
                Tensor.zeros(device, c),
                Tensor.zeros(device, c));
        for (int j = 0; j < c; j++) {
          assertEquals(mean[j], out.get(1).toArray()[j], 1e-3, "mean " + j + " of " + c);
          double inverse = 1 / Math.sqrt(squares[j] / rows);
          assertEquals(inverse, out.get(2).toArray()[j], tolerance, "deviation " + j + " of " + c);
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
      Tensor sums = reduce(Reduce.Kind.SUM, Tensor.of(device, v, 50_000, 4), 0);
      assertArrayEquals(new float[] {0, Float.NaN, 0, Float.POSITIVE_INFINITY}, sums.toArray());
    }
  }
}
