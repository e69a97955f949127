package dev.tilework.cpu;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import java.util.List;

/** Optimizer steps. */
final class Optimizers {
  private Optimizers() {}

  static void run(OptimizerOp op, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
