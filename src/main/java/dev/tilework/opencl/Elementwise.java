package dev.tilework.opencl;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.util.List;
import java.util.Locale;

/** Arithmetic on each element; see elementwise.cl. */
final class Elementwise {
  private Elementwise() {}

  static void run(Session s, ElementwiseOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = Count.of(y);
    switch (op) {
      case ElementwiseOp.Binary o -> binary(s, o.name(), y, n, in.get(0), in.get(1));
      case ElementwiseOp.Affine o ->
          s.launcher.launch(
              "affine", Grid.elements(s, n), in.getFirst(), y, n, o.scale(), o.shift());
      case ElementwiseOp.Cast o -> cast(s, y, n, in.getFirst());
    }
  }

  private static void binary(Session s, String name, Operand y, int n, Operand a, Operand b) {
    Loops loops = Loops.of(y.shape(), a.shape(), b.shape());
    Grid grid = Grid.elements(s, n);
    if (loops.extent.length == 1) {
      int stepA = (int) loops.innerStride(0);
      int stepB = (int) loops.innerStride(1);
      s.launcher.launch("rows_" + name, grid, a, b, y, n, stepA, stepB);
    } else {
      s.launcher.launch("loops_" + name, grid, a, b, y, n, loops);
    }
  }

  private static void cast(Session s, Operand y, int n, Operand x) {
    if (x.dtype() == y.dtype()) {
      Layout.copy(x, y);
    } else if (n > 0) {
      String kernel = ("cast_" + x.dtype() + "_" + y.dtype()).toLowerCase(Locale.ROOT);
      s.launcher.launch(kernel, Grid.elements(s, n), x, y, n);
    }
  }
}
