package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.Shape;
import java.util.List;

/** Two-dimensional convolution and its gradients; see {@link ConvGeometry} for the formula. */
public sealed interface ConvOp extends Op {
  /** The geometry, that of the forward convolution in every case. */
  ConvGeometry geometry();

  /**
   * Convolution with what inference fuses into it: {@code y = activation(conv(x, w) + bias +
   * residual)}. Operands: x (n, h, w, c); w (o, kernelH, kernelW, c/groups); bias (o) where {@code
   * bias}; residual, of the output's shape, where {@code residual}. Result: y (n, outH, outW, o).
   */
  record Forward(ConvGeometry geometry, boolean bias, boolean residual, Activation activation)
      implements ConvOp {
    /** A convolution with nothing fused into it. */
    public Forward(ConvGeometry geometry) {
      this(geometry, false, false, Activation.IDENTITY);
    }

    @Override
    public String name() {
      return "conv2d";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      int n = 2 + (bias ? 1 : 0) + (residual ? 1 : 0);
      floats(n, this, in, "x, w" + (bias ? ", bias" : "") + (residual ? ", residual" : ""));
      shape(0, geometry.inputShape(), "x", this, in);
      shape(1, geometry.weightShape(), "w", this, in);
      if (bias) {
        shape(2, Shape.of(geometry.o()), "bias", this, in);
      }
      if (residual) {
        shape(n - 1, geometry.outputShape(), "residual", this, in);
      }
      return List.of(TensorSpec.f32(geometry.outputShape()));
    }
  }

  /**
   * The gradient to the images, which is also the transposed convolution. Operands: dy (n, outH,
   * outW, o); w (o, kernelH, kernelW, c/groups). Result: dx (n, h, w, c).
   */
  record DataGrad(ConvGeometry geometry) implements ConvOp {
    @Override
    public String name() {
      return "conv2d_data_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(2, this, in, "dy, w");
      shape(0, geometry.outputShape(), "dy", this, in);
      shape(1, geometry.weightShape(), "w", this, in);
      return List.of(TensorSpec.f32(geometry.inputShape()));
    }
  }

  /**
   * The gradient to the weights. Operands: x (n, h, w, c); dy (n, outH, outW, o). Result: dw (o,
   * kernelH, kernelW, c/groups).
   */
  record WeightGrad(ConvGeometry geometry) implements ConvOp {
    @Override
    public String name() {
      return "conv2d_weight_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(2, this, in, "x, dy");
      shape(0, geometry.inputShape(), "x", this, in);
      shape(1, geometry.outputShape(), "dy", this, in);
      return List.of(TensorSpec.f32(geometry.weightShape()));
    }
  }
}
