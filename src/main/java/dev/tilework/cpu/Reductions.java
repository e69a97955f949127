package dev.tilework.cpu;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.ReduceOp;
import java.util.List;

/** Reductions over axes. */
final class Reductions {
  private Reductions() {}

  static void run(ReduceOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
