package dev.tilework.bench.peers;

import dev.tilework.bench.Pass;
import dev.tilework.bench.Validation;
import dev.tilework.kernels.ConvGeometry;
import java.util.Arrays;

/** Our own result against sums in double precision, where one is short enough to be made. */
final class Reference {
  private Reference() {}

  /**
   * Checks elements of a result.
   *
   * @throws IllegalStateException where one is off
   */
  static void check(Task task, float[] result) {
    switch (task) {
      case Task.Convolution c -> {
        ConvGeometry g = c.layer().geometry(c.batch());
        Pass pass = c.of();
        Validation.check(
            pass,
            g,
            Data.first(pass.first(g).elements()),
            Data.second(pass.second(g).elements()),
            result);
      }
      case Task.Product p -> {
        float[] a = Data.first((long) p.m() * p.k());
        float[] b = Data.second((long) p.n() * p.k());
        Validation.product(
            p.m(),
            p.n(),
            i -> row(a, i, p.k()),
            i -> row(b, i, p.k()),
            i -> row(result, i, p.n()),
            Validation.TOLERANCE);
      }
      // The library's tests compare these with a whole reference; here a peer confirms them.
      case Task.Memory m -> {}
      case Task.Network n -> {}
    }
  }

  private static float[] row(float[] matrix, int row, int length) {
    return Arrays.copyOfRange(matrix, row * length, (row + 1) * length);
  }
}
