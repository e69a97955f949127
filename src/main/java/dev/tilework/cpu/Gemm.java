package dev.tilework.cpu;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Matrix product. */
final class Gemm {
  private Gemm() {}

  static void run(MatmulOp.Matmul op, List<Operand> out, List<Operand> in, CpuMemory memory) {
    throw new UnsupportedOperationException(op.name());
  }
}
