package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Transposition;
import java.util.List;

/** Axes in another order; see layout.cl. */
final class Transposes {
  /** The widest square that a work group moves. */
  private static final int EDGE = 32;

  /** Planes that are narrower would leave most of a square empty. */
  private static final int NARROW = 8;

  private Transposes() {}

  static void run(Session s, List<Integer> axes, Operand y, Operand x) {
    Transposition t = Transposition.of(axes, y, x);
    boolean worth =
        switch (s.profile) {
          case CPU -> t.planes() != null;
          case GPU -> t.hasPlanesOf(NARROW) && edge(s) >= NARROW;
        };
    if (worth) {
      transpose(s, x, y, t);
    } else {
      Layout.move(s, t.move());
    }
  }

  /** A square's edge for which a work group of a quarter of its elements and its memory fit. */
  private static int edge(Session s) {
    int edge = EDGE;
    while (edge > 1
        && (edge * edge / 4 > s.device.workGroup()
            || 4L * edge * (edge + 1) > s.device.localMemory())) {
      edge /= 2;
    }
    return edge;
  }

  private static void transpose(Session s, Operand x, Operand y, Transposition t) {
    int size = x.dtype().bytes();
    String kernel = "transpose_" + size;
    int n = (int) t.count();
    int height = t.height();
    int width = t.width();
    int from = t.fromPitch();
    int to = t.toPitch();
    if (s.profile == Profile.CPU) {
      int edge = s.tuning.get(Parameter.TRANSPOSE_SQUARE);
      Grid grid = Grid.linear(s, n * squares(height, width, edge));
      s.launcher.launch(kernel, grid, x, y, n, t.planes(), height, width, from, to);
    } else {
      int edge = edge(s);
      Grid grid = Grid.groups(new int[] {edge, edge / 4}, n * squares(height, width, edge), 1);
      Launcher.Local tile = new Launcher.Local((long) size * edge * (edge + 1));
      s.launcher.launch(kernel, grid, x, y, t.planes(), height, width, from, to, tile);
    }
  }

  private static long squares(int height, int width, int edge) {
    return (height + edge - 1L) / edge * ((width + edge - 1L) / edge);
  }
}
