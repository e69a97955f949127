package dev.tilework.cuda;

import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.util.List;
import java.util.stream.IntStream;

/** Axes in another order; see layout.cu. */
final class Transposes {
  private static final int EDGE = 32;

  /** Planes that are narrower would leave most of a square empty. */
  private static final int NARROW = 8;

  private static final int MOST_PLANES = 65535;

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
    int[] others = IntStream.range(0, last).filter(i -> i != q).toArray();
    long planes = IntStream.of(others).mapToLong(i -> extent[i]).reduce(1, (a, b) -> a * b);
    if (q == last || Math.min(extent[q], extent[last]) < NARROW || planes > MOST_PLANES) {
      Layout.move(s, x, y, Loops.over(extent, from, to));
      return;
    }
    Loops starts =
        Loops.over(
            IntStream.of(others).map(i -> extent[i]).toArray(),
            IntStream.of(others).mapToLong(i -> from[i]).toArray(),
            IntStream.of(others).mapToLong(i -> to[i]).toArray());
    int squares = Math.ceilDiv(extent[q], EDGE) * Math.ceilDiv(extent[last], EDGE);
    s.launcher.launch(
        "transpose_" + x.dtype().bytes(),
        new Grid(squares, (int) planes, 1, EDGE, 8),
        x,
        y,
        Struct.of(starts),
        extent[q],
        extent[last],
        (int) from[last],
        (int) to[q]);
  }
}
