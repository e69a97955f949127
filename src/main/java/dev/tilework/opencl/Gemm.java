package dev.tilework.opencl;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Matrix product. */
final class Gemm {
  private Gemm() {}

  static void run(Session s, MatmulOp op, List<Operand> out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
