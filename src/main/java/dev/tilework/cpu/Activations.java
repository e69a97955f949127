package dev.tilework.cpu;

import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Activation functions and their gradients. */
final class Activations {
  private Activations() {}

  static void run(ActivationOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
