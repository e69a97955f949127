package dev.tilework.cuda;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;
import java.util.Locale;

/** Arithmetic on each element; see elementwise.cu. */
final class Elementwise {
  private Elementwise() {}

  static void run(Session s, ElementwiseOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = Count.of(y);
    switch (op) {
      case ElementwiseOp.Binary o -> {
        Operand a = in.get(0);
        Operand b = in.get(1);
        if (a.shape().equals(b.shape())) {
          s.launcher.launch("rows_" + o.name(), Grid.fours(n), a, b, y, n);
        } else {
          Struct loops = Struct.of(Loops.of(y.shape(), a.shape(), b.shape()));
          s.launcher.launch("loops_" + o.name(), Grid.fours(n), a, b, y, n, loops);
        }
      }
      case ElementwiseOp.Affine o ->
          s.launcher.launch("affine", Grid.fours(n), in.getFirst(), y, n, o.scale(), o.shift());
      case ElementwiseOp.Cast o -> cast(s, y, n, in.getFirst());
    }
  }

  private static void cast(Session s, Operand y, int n, Operand x) {
    if (x.dtype() == y.dtype()) {
      Layout.copy(s, x, y, n);
    } else if (n > 0) {
      String kernel = ("cast_" + x.dtype() + "_" + y.dtype()).toLowerCase(Locale.ROOT);
      int width = Width.of(n, x, y);
      s.launcher.launch(kernel + "_" + width, Grid.linear(n / width), x, y, n);
    }
  }
}
