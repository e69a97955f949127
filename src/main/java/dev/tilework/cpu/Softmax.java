package dev.tilework.cpu;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.SoftmaxOp;
import java.util.List;

/** Softmax and its gradient. */
final class Softmax {
  private Softmax() {}

  static void run(SoftmaxOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
