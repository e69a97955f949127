package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.EQ;
import static jdk.incubator.vector.VectorOperators.NE;

import dev.tilework.Shape;
import dev.tilework.kernels.ElementwiseOp.Binary;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.ReduceOp.Reduce;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The gradient of the maximum, in three passes: dx = 1 where x is the maximum, else 0; the sums of
 * that; dx times dy over the sum.
 */
final class MaxGradients {
  private static final int SLOT = 1;

  private MaxGradients() {}

  static void run(List<Integer> axes, Operand out, List<Operand> in) {
    Shape shape = out.shape();
    Shape kept = in.get(1).shape();
    long dy = CpuDriver.address(in.get(0));
    long y = CpuDriver.address(in.get(1));
    long x = CpuDriver.address(in.get(2));
    long dx = CpuDriver.address(out);
    Loops loops = Loops.of(shape, shape, kept);
    long width = loops.inner();
    Parallel.rows(
        loops.rows(),
        width,
        (from, to) -> {
          Loops.Cursor at = loops.from(from);
          for (long r = from; r < to; r++, at.next()) {
            long row = 4 * at.offset[0];
            mark(x + row, y + 4 * at.offset[1], loops.innerStride(1), dx + row, width);
          }
        });
    long share = Scratch.get(SLOT, 4 * kept.elements());
    Reductions.reduce(Reduce.Kind.SUM, shape, axes, dx, share);
    Broadcasting.binary(Binary.Kind.DIVIDE, kept, share, kept, dy, kept, share);
    Broadcasting.binary(Binary.Kind.MULTIPLY, shape, dx, shape, dx, kept, share);
  }

  private static void mark(long x, long y, long stride, long dx, long width) {
    Parallel.ranges(
        width,
        Parallel.GRAIN,
        (i, j) -> {
          long to = dx + 4 * i;
          int n = (int) (j - i);
          if (stride == 0) {
            markNumber(x + 4 * i, Simd.getFloat(y), to, n);
          } else {
            markRow(x + 4 * i, y + 4 * i, to, n);
          }
        });
  }

  private static FloatVector mark(FloatVector x, FloatVector y) {
    // NaN is a maximum too, and unequal to itself.
    VectorMask<Float> both = x.compare(NE, x).and(y.compare(NE, y));
    return FloatVector.zero(Simd.S).blend(1, x.compare(EQ, y).or(both));
  }

  private static void markNumber(long x, float y, long dx, int n) {
    FloatVector v = Simd.splat(y);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> m = Simd.first(n - i);
      Simd.store(mark(Simd.load(x + 4L * i, m), v), dx + 4L * i, m);
    }
  }

  private static void markRow(long x, long y, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> m = Simd.first(n - i);
      Simd.store(mark(Simd.load(x + 4L * i, m), Simd.load(y + 4L * i, m)), dx + 4L * i, m);
    }
  }
}
