package dev.tilework.cpu;

import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Losses and their gradients. */
final class Losses {
  private Losses() {}

  static void run(LossOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
