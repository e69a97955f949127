package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.SoftmaxOp;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Softmax over rows. */
final class Softmax {
  private Softmax() {}

  static void run(SoftmaxOp op, List<Operand> out, List<Operand> in) {
    int n = in.get(0).shape().dim(-1);
    long rows = in.get(0).elements() / n;
    long a = CpuDriver.address(in.get(0));
    long to = CpuDriver.address(out.get(0));
    switch (op) {
      case SoftmaxOp.Softmax o ->
          Parallel.rows(
              rows,
              n,
              (from, end) -> {
                for (long r = from; r < end; r++) {
                  long x = a + 4 * r * n;
                  long y = to + 4 * r * n;
                  if (o.log()) {
                    logSoftmax(x, y, n);
                  } else {
                    softmax(x, RowMath.max(x, n), y, n);
                  }
                }
              });
      case SoftmaxOp.Grad o -> {
        long saved = CpuDriver.address(in.get(1));
        Parallel.rows(
            rows,
            n,
            (from, end) -> {
              for (long r = from; r < end; r++) {
                long at = 4 * r * n;
                if (o.log()) {
                  logGradient(a + at, saved + at, to + at, n);
                } else {
                  gradient(a + at, saved + at, to + at, n);
                }
              }
            });
      }
    }
  }

  /**
   * One row of probabilities.
   *
   * @param max the largest element
   * @return the sum of exp(x - max)
   */
  static double softmax(long x, float max, long y, int n) {
    double sum = exponentials(x, max, y, n);
    scale(y, (float) (1 / sum), n);
    return sum;
  }

  private static void logSoftmax(long x, long y, int n) {
    float max = RowMath.max(x, n);
    // y holds the exponentials for a moment, which spares a second form of that loop.
    float logSum = (float) Math.log(exponentials(x, max, y, n));
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> m = Simd.first(n - i);
      Simd.store(Simd.load(x + 4L * i, m).sub(max).sub(logSum), y + 4L * i, m);
    }
  }

  /** y = exp(x - max); returns its sum. */
  private static double exponentials(long x, float max, long y, int n) {
    double total = 0;
    for (int i = 0; i < n; i += RowMath.BLOCK) {
      total += exponentialsBlock(x + 4L * i, max, y + 4L * i, Math.min(RowMath.BLOCK, n - i));
    }
    return total;
  }

  private static float exponentialsBlock(long x, float max, long y, int n) {
    FloatVector sum = FloatVector.zero(Simd.S);
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = VectorMath.exp(Simd.load(x + 4L * i).sub(max));
      Simd.store(e, y + 4L * i);
      sum = sum.add(e);
    }
    float rest = whole < n ? exponentialsTail(x + 4L * whole, max, y + 4L * whole, n - whole) : 0;
    return Simd.sum(sum) + rest;
  }

  /** Fewer elements than lanes; a method of its own, as a second exp would not be inlined. */
  private static float exponentialsTail(long x, float max, long y, int n) {
    VectorMask<Float> m = Simd.first(n);
    FloatVector e = VectorMath.exp(Simd.load(x, m).sub(max));
    Simd.store(e, y, m);
    return Simd.sum(e.blend(0, m.not()));
  }

  private static void scale(long y, float scale, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(Simd.load(y + 4L * i).mul(scale), y + 4L * i);
    }
    for (int i = whole; i < n; i++) {
      Simd.putFloat(y + 4L * i, Simd.getFloat(y + 4L * i) * scale);
    }
  }

  private static void gradient(long dy, long y, long dx, int n) {
    FloatVector dot = Simd.splat((float) RowMath.dot(dy, y, n));
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector d = Simd.load(dy + 4L * i).sub(dot);
      Simd.store(d.mul(Simd.load(y + 4L * i)), dx + 4L * i);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      FloatVector d = Simd.load(dy + 4L * whole, m).sub(dot);
      Simd.store(d.mul(Simd.load(y + 4L * whole, m)), dx + 4L * whole, m);
    }
  }

  private static void logGradient(long dy, long y, long dx, int n) {
    FloatVector minusSum = Simd.splat((float) -RowMath.sum(dy, n));
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector p = VectorMath.exp(Simd.load(y + 4L * i));
      Simd.store(p.fma(minusSum, Simd.load(dy + 4L * i)), dx + 4L * i);
    }
    if (whole < n) {
      long at = 4L * whole;
      logGradientTail(dy + at, y + at, minusSum.lane(0), dx + at, n - whole);
    }
  }

  private static void logGradientTail(long dy, long y, float minusSum, long dx, int n) {
    VectorMask<Float> m = Simd.first(n);
    FloatVector p = VectorMath.exp(Simd.load(y, m));
    Simd.store(p.fma(Simd.splat(minusSum), Simd.load(dy, m)), dx, m);
  }
}
