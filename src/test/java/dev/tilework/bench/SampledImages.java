package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.ConvGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a convolution at its full batch by what it makes of the first and the last image: large
 * batches would take longer to copy to the host than to time. A gradient to the weights is a sum
 * over all images; for the check it is taken with gradients that are zero for the others.
 */
final class SampledImages {
  private SampledImages() {}

  /** The error allowed relative to the root of the sum of squared products, see Validation. */
  static double tolerance(Precision p) {
    return switch (p) {
      case FP32 -> 1e-4;
      // The unit roundoff of the factors is 2^-11 or, where they are cut off, 2^-10; and 2^-8.
      case TF32, FP16 -> 8e-3;
      case BF16 -> 6e-2;
    };
  }

  /**
   * Runs a pass once and checks elements of its result.
   *
   * @param a the first operand
   * @param b the second
   * @param result of the pass's shape, overwritten
   * @throws IllegalStateException where an element is off
   */
  static void check(
      Device device,
      ConvGeometry g,
      Pass pass,
      Precision precision,
      Tensor a,
      Tensor b,
      Tensor result) {
    List<Integer> images = g.n() == 1 ? List.of(0) : List.of(0, g.n() - 1);
    try (Scope scope = Scope.open()) {
      Tensor second = pass == Pass.WEIGHT_GRAD ? only(images, b) : b;
      device.runInto(result, pass.op(g), a, second);
      boolean weights = pass == Pass.WEIGHT_GRAD;
      Validation.check(
          pass,
          batch(g, images.size()),
          pick(images, a),
          weights ? pick(images, b) : b.toArray(),
          weights ? result.toArray() : pick(images, result),
          tolerance(precision));
    }
  }

  private static ConvGeometry batch(ConvGeometry g, int n) {
    return new ConvGeometry(
        n,
        g.h(),
        g.w(),
        g.c(),
        g.o(),
        g.kernelH(),
        g.kernelW(),
        g.strideH(),
        g.strideW(),
        g.padTop(),
        g.padLeft(),
        g.padBottom(),
        g.padRight(),
        g.dilationH(),
        g.dilationW(),
        g.groups());
  }

  private static float[] pick(List<Integer> images, Tensor t) {
    List<float[]> parts = new ArrayList<>();
    for (int i : images) {
      parts.add(t.slice(0, i, 1).toArray());
    }
    int each = parts.getFirst().length;
    float[] all = new float[each * parts.size()];
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i), 0, all, i * each, each);
    }
    return all;
  }

  private static Tensor only(List<Integer> images, Tensor t) {
    Tensor zeros = Tensor.zeros(t.device(), t.shape().dims());
    for (int i : images) {
      zeros.slice(0, i, 1).set(t.slice(0, i, 1));
    }
    return zeros;
  }
}
