package dev.tilework.opencl;

import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Moves of elements; see layout.cl. */
final class Layout {
  private Layout() {}

  static void run(Session s, LayoutOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
