package dev.tilework.cuda;

import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ElementwiseOp.Binary;
import dev.tilework.kernels.Operand;
import java.util.List;

/** What is fused into convolutions and products, as kernels of their own over the result. */
final class Fused {
  private Fused() {}

  /** Adds the bias and the residual to a convolution's result, and applies the activation. */
  static void finish(Session s, ConvOp.Forward op, Operand y, List<Operand> in) {
    if (op.bias()) {
      add(s, y, in.get(2));
    }
    if (op.residual()) {
      add(s, y, in.getLast());
    }
    if (op.activation().kind() != Activation.Kind.IDENTITY) {
      Activations.run(s, new ActivationOp.Apply(op.activation()), List.of(y), List.of(y));
    }
  }

  /** Adds an operand, broadcast, to a result. */
  static void add(Session s, Operand y, Operand b) {
    Elementwise.run(s, new Binary(Binary.Kind.ADD), List.of(y), List.of(y, b));
  }
}
