package dev.tilework.kernels.reference;

import dev.tilework.kernels.MatmulOp;
import java.util.List;

/** The matrix product. */
final class MatmulReference {
  private MatmulReference() {}

  static void run(MatmulOp.Matmul op, List<HostTensor> in, HostTensor y) {
    HostTensor a = in.get(0);
    HostTensor b = in.get(1);
    int depth = a.shape().dim(op.transposeA() ? 0 : 1);
    for (int i = 0; i < y.shape().dim(0); i++) {
      for (int j = 0; j < y.shape().dim(1); j++) {
        int at = y.index(i, j);
        for (int k = 0; k < depth; k++) {
          double left = a.get(op.transposeA() ? a.index(k, i) : a.index(i, k));
          double right = b.get(op.transposeB() ? b.index(j, k) : b.index(k, j));
          y.add(at, left * right);
        }
        if (op.bias()) {
          y.add(at, in.get(2).get(j));
        }
      }
    }
  }
}
