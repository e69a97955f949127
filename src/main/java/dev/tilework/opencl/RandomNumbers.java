package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.RandomOp;
import java.util.List;

/** Random numbers; see random.cl. */
final class RandomNumbers {
  private RandomNumbers() {}

  static void run(Session s, RandomOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
