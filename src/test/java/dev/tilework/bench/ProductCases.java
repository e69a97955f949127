package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Tensor;
import dev.tilework.kernels.MatmulOp;

/** Matrix products, the second factor transposed as in a linear layer. */
final class ProductCases {
  private static final MatmulOp PRODUCT = new MatmulOp.Matmul(false, true, false);

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
    Validation.product(
        m,
        n,
        row -> a.slice(0, row, 1).toArray(),
        column -> b.slice(0, column, 1).toArray(),
        row -> y.slice(0, row, 1).toArray(),
        SampledImages.tolerance(precision));
    return () -> device.runInto(y, PRODUCT, a, b);
  }
}
