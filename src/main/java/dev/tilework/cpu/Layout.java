package dev.tilework.cpu;

import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Moving elements. */
final class Layout {
  private Layout() {}

  static void run(LayoutOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
