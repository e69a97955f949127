package dev.tilework.kernels;

import static dev.tilework.kernels.Check.count;
import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.DType;
import dev.tilework.Shape;
import java.util.List;

/** Pooling over windows of images in NHWC, and the gradients. */
public sealed interface PoolOp extends Op {
  /**
   * The largest value of each window, padding left out. Operand: x. Results: y (n, outH, outW, c),
   * and of the same shape, as int32, the position {@code row * w + column} in the image of the
   * first largest value in row order. NaN counts as the largest.
   */
  record Max(PoolGeometry geometry) implements PoolOp {
    @Override
    public String name() {
      return "max_pool2d";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      shape(0, geometry.inputShape(), "x", this, in);
      return List.of(
          TensorSpec.f32(geometry.outputShape()), TensorSpec.i32(geometry.outputShape()));
    }
  }

  /** The gradient of {@link Max}. Operands: dy; the positions. Result: dx (n, h, w, c). */
  record MaxGrad(PoolGeometry geometry) implements PoolOp {
    @Override
    public String name() {
      return "max_pool2d_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(2, this, in, "dy, positions");
      require(
          in.get(0).dtype() == DType.FLOAT32 && in.get(1).dtype() == DType.INT32,
          this,
          in,
          "float32 dy and int32 positions");
      shape(0, geometry.outputShape(), "dy", this, in);
      shape(1, geometry.outputShape(), "positions", this, in);
      return List.of(TensorSpec.f32(geometry.inputShape()));
    }
  }

  /**
   * The mean of each window. Operand: x. Result: y (n, outH, outW, c).
   *
   * @param countPadding whether the divisor is the window's size (true) or the number of pixels of
   *     the image in the window (false)
   */
  record Average(PoolGeometry geometry, boolean countPadding) implements PoolOp {
    @Override
    public String name() {
      return "avg_pool2d";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      shape(0, geometry.inputShape(), "x", this, in);
      return List.of(TensorSpec.f32(geometry.outputShape()));
    }
  }

  /** The gradient of {@link Average}. Operand: dy. Result: dx (n, h, w, c). */
  record AverageGrad(PoolGeometry geometry, boolean countPadding) implements PoolOp {
    @Override
    public String name() {
      return "avg_pool2d_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "dy");
      shape(0, geometry.outputShape(), "dy", this, in);
      return List.of(TensorSpec.f32(geometry.inputShape()));
    }
  }

  /**
   * The mean over regions that divide the image into outH by outW parts, region i of extent h
   * covering rows floor(i*h/outH) to ceil((i+1)*h/outH), as in PyTorch; 1 by 1 is the global
   * average. Operand: x (n, h, w, c). Result: y (n, outH, outW, c).
   */
  record AdaptiveAverage(int outH, int outW) implements PoolOp {
    @Override
    public String name() {
      return "adaptive_avg_pool2d";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      Shape x = in.get(0).shape();
      require(
          x.rank() == 4 && outH >= 1 && outW >= 1,
          this,
          in,
          "x (n, h, w, c) and an output of at least 1x1");
      return List.of(TensorSpec.f32(x.dim(0), outH, outW, x.dim(3)));
    }
  }

  /**
   * The gradient of {@link AdaptiveAverage}. Operand: dy (n, outH, outW, c). Result: dx (n, h, w,
   * c).
   */
  record AdaptiveAverageGrad(int h, int w) implements PoolOp {
    @Override
    public String name() {
      return "adaptive_avg_pool2d_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "dy");
      Shape dy = in.get(0).shape();
      require(
          dy.rank() == 4 && h >= 1 && w >= 1,
          this,
          in,
          "dy (n, outH, outW, c) and images of at least 1x1");
      return List.of(TensorSpec.f32(dy.dim(0), h, w, dy.dim(3)));
    }
  }
}
