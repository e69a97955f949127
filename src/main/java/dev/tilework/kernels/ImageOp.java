package dev.tilework.kernels;

import static dev.tilework.kernels.Check.count;
import static dev.tilework.kernels.Check.notEmpty;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.DType;
import dev.tilework.Shape;
import java.util.List;

/** Augmentation of images. */
public sealed interface ImageOp extends Op {
  /** The parameters of an image in {@link Warp} that say where its pixels come from. */
  int WARP_GEOMETRY = 6;

  /** The parameters of each channel of an image in {@link Warp}. */
  int WARP_CHANNEL = 6;

  /** The parameters of an image in {@link Mix}. */
  int MIX_PARAMETERS = 5;

  /** The number of parameters of an image of so many channels in {@link Warp}. */
  static int warpParameters(int channels) {
    return WARP_GEOMETRY + WARP_CHANNEL * channels;
  }

  /**
   * An affine map of coordinates, an affine map of colours, and noise, each image by parameters of
   * its own.
   *
   * <p>Its first six parameters are {@code a, b, tx, c, d, ty}: output pixel (column q, row p)
   * takes the input at column {@code a * (q - (outW-1)/2) + b * (p - (outH-1)/2) + tx + (w-1)/2}
   * and row {@code c * (q - (outW-1)/2) + d * (p - (outH-1)/2) + ty + (h-1)/2}, bilinear between
   * pixel centres, so at whole coordinates the pixel itself. Then six for each channel, {@code
   * fill, weight, scale, grey, shift, noise}: the input has {@code fill} outside of the image; with
   * s the channel's value there and g the sum of {@code weight * s} over all channels, the result
   * is {@code scale * s + grey * g + shift + noise * z}.
   *
   * <p>z is a normal number as in {@link RandomOp.Normal}, but element i of the output's image n
   * takes it from block {@code i / 4 + numbers[n] * 2^32}: an image's noise depends on the seed,
   * the stream and its number, not on its place in the batch.
   *
   * <p>Every device computes this with the same roundings, but for z: without noise, results are
   * equal to the bit.
   *
   * <p>Operands: x (n, h, w, c), float32 or uint8; parameters (n, 6 + 6c), float32; numbers (n),
   * int32, taken as unsigned. Result: (n, outH, outW, c), float32.
   */
  record Warp(int outH, int outW, long seed, long stream) implements ImageOp {
    @Override
    public String name() {
      return "warp";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(3, this, in, "x, parameters, numbers");
      DType type = in.get(0).dtype();
      require(
          (type == DType.FLOAT32 || type == DType.UINT8)
              && in.get(1).dtype() == DType.FLOAT32
              && in.get(2).dtype() == DType.INT32,
          this,
          in,
          "float32 or uint8 x, float32 parameters, int32 numbers");
      notEmpty(this, in);
      Shape x = in.get(0).shape();
      require(
          x.rank() == 4 && outH >= 1 && outW >= 1,
          this,
          in,
          "x (n, h, w, c) and an output of at least 1x1");
      shape(1, Shape.of(x.dim(0), warpParameters(x.dim(3))), "parameters", this, in);
      shape(2, Shape.of(x.dim(0)), "numbers", this, in);
      return List.of(TensorSpec.f32(x.dim(0), outH, outW, x.dim(3)));
    }
  }

  /**
   * Mixes each image with another one of its batch: MixUp (Zhang et al., 2018) and CutMix (Yun et
   * al., 2019). Image n becomes {@code (1 - u) * x[n] + u * x[partners[n]]}, u being 1 within a box
   * and {@code weight} outside of it. Its parameters are {@code weight, top, left, bottom, right}:
   * the box holds the rows from top to below bottom, and columns likewise; it is empty where bottom
   * is not above top. The partner is taken as it was before mixing.
   *
   * <p>Operands: x (n, h, w, c); partners (n), int32; parameters (n, 5). Result: of x's shape. A
   * partner outside 0 to n - 1 makes all of the image NaN.
   */
  record Mix() implements ImageOp {
    @Override
    public String name() {
      return "mix";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(3, this, in, "x, partners, parameters");
      require(
          in.get(0).dtype() == DType.FLOAT32
              && in.get(1).dtype() == DType.INT32
              && in.get(2).dtype() == DType.FLOAT32,
          this,
          in,
          "float32 x, int32 partners, float32 parameters");
      notEmpty(this, in);
      Shape x = in.get(0).shape();
      require(x.rank() == 4, this, in, "x (n, h, w, c)");
      shape(1, Shape.of(x.dim(0)), "partners", this, in);
      shape(2, Shape.of(x.dim(0), MIX_PARAMETERS), "parameters", this, in);
      return List.of(in.get(0));
    }
  }
}
