package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import java.util.List;

/** Softmax over the last axis, and its gradient. */
public sealed interface SoftmaxOp extends Op {
  /**
   * {@code exp(x - max) / sum(exp(x - max))} over the last axis, or its logarithm. Operand: x.
   * Result: y of its shape.
   */
  record Softmax(boolean log) implements SoftmaxOp {
    @Override
    public String name() {
      return log ? "log_softmax" : "softmax";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      require(in.get(0).shape().rank() >= 1, this, in, "at least one axis");
      return in;
    }
  }

  /** The gradient. Operands: dy; y. Result: dx. */
  record Grad(boolean log) implements SoftmaxOp {
    @Override
    public String name() {
      return log ? "log_softmax_grad" : "softmax_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(2, this, in, "dy, y");
      require(in.get(0).shape().rank() >= 1, this, in, "at least one axis");
      shape(1, in.get(0).shape(), "y", this, in);
      return List.of(in.get(0));
    }
  }
}
