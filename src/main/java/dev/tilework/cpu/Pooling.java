package dev.tilework.cpu;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolOp;
import java.util.List;

/** Pooling and its gradients. */
final class Pooling {
  private Pooling() {}

  static void run(PoolOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
