package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.ReduceOp;
import java.util.List;

/** Reductions; see reduce.cl. */
final class Reductions {
  private Reductions() {}

  static void run(Session s, ReduceOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
