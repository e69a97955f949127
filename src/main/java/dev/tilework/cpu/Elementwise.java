package dev.tilework.cpu;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Arithmetic on each element. */
final class Elementwise {
  private Elementwise() {}

  static void run(ElementwiseOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
