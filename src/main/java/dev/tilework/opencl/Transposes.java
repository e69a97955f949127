package dev.tilework.opencl;

import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.util.List;
import java.util.stream.IntStream;

/** Axes in another order; see layout.cl. */
final class Transposes {
  /** The widest square that a work group moves. */
  private static final int EDGE = 32;

  /** Planes that are narrower would leave most of a square empty. */
  private static final int NARROW = 8;

  private Transposes() {}

  static void run(Session s, List<Integer> axes, Operand y, Operand x) {
    Loops loops = Loops.permuted(x.shape(), axes);
    int[] extent = new int[loops.extent.length];
    long[] from = loops.stride[0];
    long[] to = new long[extent.length];
    long step = 1;
    for (int i = extent.length - 1; i >= 0; i--) {
      extent[i] = (int) loops.extent[i];
      to[i] = step;
      step *= extent[i];
    }
    int last = extent.length - 1;
    int q = IntStream.range(0, last).filter(i -> from[i] == 1).findFirst().orElse(last);
    if (q == last || s.profile == Profile.GPU && !fillsSquares(s, extent[q], extent[last])) {
      Layout.move(s, x, y, Loops.over(extent, from, to));
      return;
    }
    int[] others = IntStream.range(0, last).filter(i -> i != q).toArray();
    Loops planes =
        Loops.over(
            IntStream.of(others).map(i -> extent[i]).toArray(),
            IntStream.of(others).mapToLong(i -> from[i]).toArray(),
            IntStream.of(others).mapToLong(i -> to[i]).toArray());
    transpose(s, x, y, planes, extent[q], extent[last], (int) from[last], (int) to[q]);
  }

  private static boolean fillsSquares(Session s, int height, int width) {
    return Math.min(height, width) >= NARROW && edge(s) >= NARROW;
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

  private static void transpose(
      Session s, Operand x, Operand y, Loops planes, int height, int width, int from, int to) {
    int size = x.dtype().bytes();
    int n = (int) (planes.rows() * planes.inner());
    String kernel = "transpose_" + size;
    if (s.profile == Profile.CPU) {
      int edge = s.tuning.get(Parameter.TRANSPOSE_SQUARE);
      Grid grid = Grid.linear(s, n * squares(height, width, edge));
      s.launcher.launch(kernel, grid, x, y, n, planes, height, width, from, to);
    } else {
      int edge = edge(s);
      Grid grid = Grid.groups(new int[] {edge, edge / 4}, n * squares(height, width, edge), 1);
      Launcher.Local tile = new Launcher.Local((long) size * edge * (edge + 1));
      s.launcher.launch(kernel, grid, x, y, planes, height, width, from, to, tile);
    }
  }

  private static long squares(int height, int width, int edge) {
    return (height + edge - 1L) / edge * ((width + edge - 1L) / edge);
  }
}
