package dev.tilework.kernels.plan;

import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Axes in another order, as planes in which the rows of x are the columns of y: {@code y[r *
 * toPitch + c] = x[c * fromPitch + r]}.
 *
 * @param move all of it as a plain move, for planes that are not worth a kernel of their own
 * @param planes where each plane begins, in x and in y; null where the last axis stays the last
 * @param count of planes
 * @param height of a plane in y
 * @param width of a plane in y
 */
public record Transposition(
    Move move, Loops planes, long count, int height, int width, int fromPitch, int toPitch) {

  /** The plan for a result y. */
  public static Transposition of(List<Integer> axes, Operand y, Operand x) {
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
    Move move = new Move(x, y, Loops.over(extent, from, to));
    int last = extent.length - 1;
    int q = IntStream.range(0, last).filter(i -> from[i] == 1).findFirst().orElse(last);
    if (q == last) {
      return new Transposition(move, null, 0, 0, 0, 0, 0);
    }
    int[] others = IntStream.range(0, last).filter(i -> i != q).toArray();
    Loops planes =
        Loops.over(
            IntStream.of(others).map(i -> extent[i]).toArray(),
            IntStream.of(others).mapToLong(i -> from[i]).toArray(),
            IntStream.of(others).mapToLong(i -> to[i]).toArray());
    return new Transposition(
        move,
        planes,
        planes.rows() * planes.inner(),
        extent[q],
        extent[last],
        (int) from[last],
        (int) to[q]);
  }

  /** Whether both sides of a plane are at least so long. */
  public boolean hasPlanesOf(int edge) {
    return planes != null && Math.min(height, width) >= edge;
  }
}
