package dev.tilework.opencl;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Matrix product with a tile in each work-item's registers; see matmul.cl. */
final class RegisterGemm {
  private RegisterGemm() {}

  static void run(Session s, MatmulOp.Matmul op, Operand out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }
}
