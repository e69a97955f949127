package dev.tilework.cpu;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.RandomOp;
import java.util.List;

/** Random numbers. */
final class Philox {
  private Philox() {}

  static void run(RandomOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
