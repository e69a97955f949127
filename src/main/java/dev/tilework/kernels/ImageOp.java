package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.Shape;
import java.util.List;

/** Augmentation of images. */
public sealed interface ImageOp extends Op {
  /** The number of parameters of an image in {@link Warp}. */
  int WARP_PARAMETERS = 9;

  /**
   * An affine warp with brightness, contrast and noise, one set of nine parameters an image:
   *
   * <p>{@code a, b, tx, c, d, ty}: output pixel (column q, row p) takes the input at column {@code
   * a * (q - (outW-1)/2) + b * (p - (outH-1)/2) + tx + (w-1)/2} and row {@code c * (q - (outW-1)/2)
   * + d * (p - (outH-1)/2) + ty + (h-1)/2}, bilinear between pixel centres; outside the image every
   * channel is {@code fill}. {@code brightness, contrast, noise}: each value v becomes {@code (v -
   * 0.5) * contrast + 0.5 + brightness + noise * z}, z the normal number that {@link
   * RandomOp.Normal} gives the output element for the seed and stream.
   *
   * <p>Operands: x (n, h, w, c); parameters (n, 9) in the order above. Result: (n, outH, outW, c).
   */
  record Warp(int outH, int outW, float fill, long seed, long stream) implements ImageOp {
    @Override
    public String name() {
      return "warp";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(2, this, in, "x, parameters");
      Shape x = in.get(0).shape();
      require(
          x.rank() == 4 && outH >= 1 && outW >= 1,
          this,
          in,
          "x (n, h, w, c) and an output of at least 1x1");
      shape(1, Shape.of(x.dim(0), WARP_PARAMETERS), "parameters", this, in);
      return List.of(TensorSpec.f32(x.dim(0), outH, outW, x.dim(3)));
    }
  }
}
