package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.kernels.Operand;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Positions of the largest elements along an axis. */
final class ArgMaxima {
  private ArgMaxima() {}

  static void run(int axis, Operand in, long y) {
    int extent = in.shape().dim(axis);
    long outer = in.shape().product(0, axis);
    int inner = Math.toIntExact(in.shape().product(axis + 1, in.shape().rank()));
    long x = CpuDriver.address(in);
    Parallel.rows(
        outer,
        (long) extent * inner,
        (from, to) -> {
          for (long o = from; o < to; o++) {
            long rows = x + 4 * o * extent * inner;
            if (inner == 1) {
              Simd.putInt(y + 4 * o, RowMath.argMax(rows, extent));
            } else {
              long result = y + 4 * o * inner;
              Parallel.ranges(
                  inner,
                  Math.max(LANES, Parallel.GRAIN / extent),
                  (i, j) ->
                      columns(rows + 4 * i, 4L * inner, extent, (int) (j - i), result + 4 * i));
            }
          }
        });
  }

  private static void columns(long x, long pitch, int rows, int width, long y) {
    for (int j = 0; j < width; j += LANES) {
      VectorMask<Float> in = Simd.first(width - j);
      FloatVector best = Simd.load(x + 4L * j, in);
      IntVector position = IntVector.zero(Simd.I);
      for (int r = 1; r < rows; r++) {
        FloatVector v = Simd.load(x + 4L * j + r * pitch, in);
        VectorMask<Float> larger = larger(v, best);
        best = best.blend(v, larger);
        position = position.blend(r, larger.cast(Simd.I));
      }
      Simd.store(position, y + 4L * j, in.cast(Simd.I));
    }
  }

  /** Where v is larger than the best so far, NaN being the largest. */
  static VectorMask<Float> larger(FloatVector v, FloatVector best) {
    return v.compare(VectorOperators.LE, best).not().and(best.compare(VectorOperators.EQ, best));
  }
}
