package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import java.util.List;

/** Optimizer steps; see optimizer.cl. */
final class Optimizers {
  private Optimizers() {}

  static void run(Session s, OptimizerOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
