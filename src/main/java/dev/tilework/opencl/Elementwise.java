package dev.tilework.opencl;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Arithmetic on each element; see elementwise.cl. */
final class Elementwise {
  private Elementwise() {}

  static void run(Session s, ElementwiseOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    switch (op) {
      case ElementwiseOp.Affine o -> {
        int n = Count.of(y);
        s.launcher.launch("affine", Grid.elements(s, n), in.getFirst(), y, n, o.scale(), o.shift());
      }
      default -> throw new UnsupportedOperationException(op.name());
    }
  }
}
