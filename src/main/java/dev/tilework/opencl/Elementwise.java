package dev.tilework.opencl;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import dev.tilework.opencl.ClBuffer.Block;
import java.util.List;
import java.util.Locale;

/** Arithmetic on each element; see elementwise.cl. */
final class Elementwise {
  /** Rows of vectors from which on it pays to repeat an operand first. */
  private static final long LONG = 16;

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
      return;
    }
    String kernel = "loops_" + name;
    if (n >= LONG * loops.inner() * vector(s) && loops.inner() % vector(s) != 0) {
      if (perChannel(loops, 0) && dense(loops, 1)) {
        repeated(s, a, loops, (r, l) -> s.launcher.launch(kernel, grid, r, b, y, n, l));
        return;
      }
      if (perChannel(loops, 1) && dense(loops, 0)) {
        repeated(s, b, loops, (r, l) -> s.launcher.launch(kernel, grid, a, r, y, n, l));
        return;
      }
    }
    s.launcher.launch(kernel, grid, a, b, y, n, loops);
  }

  private static int vector(Session s) {
    return s.tuning.get(Parameter.ELEMENT_VECTOR);
  }

  private static boolean perChannel(Loops l, int operand) {
    return l.extent.length == 2 && l.stride[operand][0] == 0 && l.innerStride(operand) == 1;
  }

  private static boolean dense(Loops l, int operand) {
    return l.stride[operand][0] == l.inner() && l.innerStride(operand) == 1;
  }

  /** What runs with the repeated operand, in the place of the one with a number per channel. */
  private interface Run {
    void with(Memory.View repeated, Loops loops);
  }

  /**
   * Repeats the numbers per channel so often that rows of so many channels are whole vectors. The
   * other operand's last row may be cut short.
   */
  private static void repeated(Session s, Operand channels, Loops loops, Run run) {
    int inner = (int) loops.inner();
    int width = inner * vector(s);
    Block block = s.memory.take(4L * width);
    Memory.View view = new Memory.View(block.handle(), 0);
    int[] repeats = {vector(s), inner};
    Loops repeat = Loops.over(repeats, new long[] {0, 1}, new long[] {inner, 1});
    s.launcher.launch("move_4", Grid.elements(s, width), channels, view, width, repeat);
    int[] rows = {(int) ((loops.rows() + vector(s) - 1) / vector(s)), width};
    boolean first = loops.stride[0][0] == 0;
    long[] stay = {0, 1};
    long[] step = {width, 1};
    run.with(view, Loops.over(rows, first ? stay : step, first ? step : stay));
    s.memory.giveBack(block);
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
