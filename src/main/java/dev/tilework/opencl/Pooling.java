package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolOp;
import java.util.List;

/** Pooling; see pool.cl. */
final class Pooling {
  private Pooling() {}

  static void run(Session s, PoolOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
