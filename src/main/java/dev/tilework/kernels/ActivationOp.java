package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.shape;

import java.util.List;

/** Activation functions, applied to each element, and their gradients. */
public sealed interface ActivationOp extends Op {
  /** {@code y = f(x)}. Operand: x. Result: y of its shape. */
  record Apply(Activation activation) implements ActivationOp {
    @Override
    public String name() {
      return activation.label();
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      return in;
    }

    @Override
    public boolean inPlace() {
      return true;
    }
  }

  /**
   * {@code dx = dy f'(x)}. Operands: dy; and y where {@link Activation#gradientFromOutput}, else x.
   * At 0, ReLU's derivative is 0 and leaky ReLU's is alpha. Result: dx.
   */
  record Grad(Activation activation) implements ActivationOp {
    @Override
    public String name() {
      return activation.label() + "_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      String saved = activation.gradientFromOutput() ? "y" : "x";
      floats(2, this, in, "dy, " + saved);
      shape(1, in.get(0).shape(), saved, this, in);
      return List.of(in.get(0));
    }

    @Override
    public boolean inPlace() {
      return true;
    }
  }
}
