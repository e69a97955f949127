package dev.tilework.opencl;

import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Matrix product with tiles in local memory; see matmul_local.cl. */
final class LocalGemm {
  private LocalGemm() {}

  static void run(Session s, MatmulOp.Matmul op, Operand out, List<Operand> in) {
    throw new UnsupportedOperationException(op.name());
  }

  /**
   * Products of row-major matrices: c[i] (m, n) = a[i] (m, k) b[i] (k, n) for each i below {@code
   * batches}, the matrices of each operand one after the other.
   */
  static void batched(
      Session s, Memory.View a, Memory.View b, Memory.View c, int batches, int m, int k, int n) {
    throw new UnsupportedOperationException("batched matmul");
  }
}
