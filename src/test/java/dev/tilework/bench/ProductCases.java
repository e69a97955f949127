package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.MatmulOp;
import java.util.Random;

/** Matrix products, the second factor transposed as in a linear layer. */
final class ProductCases {
  private static final MatmulOp PRODUCT = new MatmulOp.Matmul(false, true, false);
  private static final int ROWS = 16;

  private ProductCases() {}

  /** Runs all of a plan. */
  static void run(Recorder recorder, SuitePlan plan) {
    Device device = recorder.device();
    for (int[] s : plan.products()) {
      for (Precision precision : device.precisions()) {
        Recorder.Case c =
            new Recorder.Case(
                "products",
                "gemm/" + s[0] + "x" + s[1] + "x" + s[2],
                s[0] + " by " + s[1] + ", sums of " + s[2],
                1,
                "PRODUCT",
                precision,
                1,
                2L * s[0] * s[1] * s[2],
                0,
                0);
        recorder.run(c, () -> call(device, s[0], s[1], s[2], precision));
      }
    }
  }

  private static Runnable call(Device device, int m, int n, int k, Precision precision) {
    Tensor a = Tensor.uniform(device, -0.5f, 0.5f, 1, m, k);
    Tensor b = Tensor.uniform(device, -0.5f, 0.5f, 2, n, k);
    Tensor y = Tensor.zeros(device, m, n);
    device.runInto(y, PRODUCT, a, b);
    check(a, b, y, precision);
    return () -> device.runInto(y, PRODUCT, a, b);
  }

  /** Checks elements of rows drawn at random against sums in double precision. */
  private static void check(Tensor a, Tensor b, Tensor y, Precision precision) {
    Random random = new Random(3);
    Shape shape = y.shape();
    for (int i = 0; i < ROWS; i++) {
      int row = random.nextInt(shape.dim(0));
      int column = random.nextInt(shape.dim(1));
      float[] left = a.slice(0, row, 1).toArray();
      float[] right = b.slice(0, column, 1).toArray();
      double sum = 0;
      double squares = 0;
      for (int j = 0; j < left.length; j++) {
        double p = (double) left[j] * right[j];
        sum += p;
        squares += p * p;
      }
      float got = y.slice(0, row, 1).toArray()[column];
      if (!(Math.abs(got - sum) <= SampledImages.tolerance(precision) * Math.sqrt(squares))) {
        throw new IllegalStateException(
            "wrong product: element " + row + ", " + column + " is " + got + ", expected " + sum);
      }
    }
  }
}
