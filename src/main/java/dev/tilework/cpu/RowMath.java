package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums and maxima of contiguous elements. Sums are in float32 within a block, in as many parts as
 * vectors have lanes and more, and in float64 over blocks, so that the error does not grow with
 * their length.
 */
final class RowMath {
  /** Elements of a block. */
  static final int BLOCK = 2048;

  private RowMath() {}

  static double sum(long x, long n) {
    double total = 0;
    for (long i = 0; i < n; i += BLOCK) {
      total += sumBlock(x + 4 * i, (int) Math.min(BLOCK, n - i));
    }
    return total;
  }

  private static float sumBlock(long x, int n) {
    FloatVector a = FloatVector.zero(Simd.S);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int fours = n & -(4 * LANES);
    for (int i = 0; i < fours; i += 4 * LANES) {
      a = a.add(Simd.load(x + 4L * i));
      b = b.add(Simd.load(x + 4L * (i + LANES)));
      c = c.add(Simd.load(x + 4L * (i + 2 * LANES)));
      d = d.add(Simd.load(x + 4L * (i + 3 * LANES)));
    }
    int whole = Simd.whole(n);
    for (int i = fours; i < whole; i += LANES) {
      a = a.add(Simd.load(x + 4L * i));
    }
    if (whole < n) {
      b = b.add(Simd.load(x + 4L * whole, Simd.first(n - whole)));
    }
    return Simd.sum(a.add(b).add(c.add(d)));
  }

  /** The sum of products. */
  static double dot(long x, long y, long n) {
    double total = 0;
    for (long i = 0; i < n; i += BLOCK) {
      total += dotBlock(x + 4 * i, y + 4 * i, (int) Math.min(BLOCK, n - i));
    }
    return total;
  }

  private static float dotBlock(long x, long y, int n) {
    FloatVector a = FloatVector.zero(Simd.S);
    FloatVector b = a;
    int twos = n & -(2 * LANES);
    for (int i = 0; i < twos; i += 2 * LANES) {
      a = Simd.load(x + 4L * i).fma(Simd.load(y + 4L * i), a);
      b = Simd.load(x + 4L * (i + LANES)).fma(Simd.load(y + 4L * (i + LANES)), b);
    }
    int whole = Simd.whole(n);
    for (int i = twos; i < whole; i += LANES) {
      a = Simd.load(x + 4L * i).fma(Simd.load(y + 4L * i), a);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      b = Simd.load(x + 4L * whole, m).fma(Simd.load(y + 4L * whole, m), b);
    }
    return Simd.sum(a.add(b));
  }

  /** The sum of squared differences. */
  static double squaredDistance(long x, long y, long n) {
    double total = 0;
    for (long i = 0; i < n; i += BLOCK) {
      total += squaredDistanceBlock(x + 4 * i, y + 4 * i, (int) Math.min(BLOCK, n - i));
    }
    return total;
  }

  private static float squaredDistanceBlock(long x, long y, int n) {
    FloatVector a = FloatVector.zero(Simd.S);
    FloatVector b = a;
    int twos = n & -(2 * LANES);
    for (int i = 0; i < twos; i += 2 * LANES) {
      FloatVector d = Simd.load(x + 4L * i).sub(Simd.load(y + 4L * i));
      FloatVector e = Simd.load(x + 4L * (i + LANES)).sub(Simd.load(y + 4L * (i + LANES)));
      a = d.fma(d, a);
      b = e.fma(e, b);
    }
    for (int i = twos; i < n; i += LANES) {
      VectorMask<Float> m = Simd.first(n - i);
      FloatVector d = Simd.load(x + 4L * i, m).sub(Simd.load(y + 4L * i, m));
      a = d.fma(d, a);
    }
    return Simd.sum(a.add(b));
  }

  /** The largest element; NaN where any is. */
  static float max(long x, long n) {
    float most = Float.NEGATIVE_INFINITY;
    for (long i = 0; i < n; i += 16 * BLOCK) {
      most = Math.max(most, maxBlock(x + 4 * i, (int) Math.min(16 * BLOCK, n - i)));
    }
    return most;
  }

  private static float maxBlock(long x, int n) {
    FloatVector a = Simd.splat(Float.NEGATIVE_INFINITY);
    FloatVector b = a;
    int twos = n & -(2 * LANES);
    for (int i = 0; i < twos; i += 2 * LANES) {
      a = a.max(Simd.load(x + 4L * i));
      b = b.max(Simd.load(x + 4L * (i + LANES)));
    }
    for (int i = twos; i < n; i += LANES) {
      VectorMask<Float> m = Simd.first(n - i);
      a = a.max(a.blend(Simd.load(x + 4L * i, m), m));
    }
    return a.max(b).reduceLanes(VectorOperators.MAX);
  }

  /** The position of the largest element, the first of equals; NaN counts as the largest. */
  static int argMax(long x, int n) {
    float most = max(x, n);
    boolean nan = Float.isNaN(most);
    FloatVector v = Simd.splat(most);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> in = Simd.first(n - i);
      FloatVector a = Simd.load(x + 4L * i, in);
      VectorMask<Float> hit =
          (nan ? a.compare(VectorOperators.NE, a) : a.compare(VectorOperators.EQ, v)).and(in);
      if (hit.anyTrue()) {
        return i + hit.firstTrue();
      }
    }
    throw new AssertionError("no element equals the maximum " + most);
  }

  /** The sum over a range of elements. */
  interface Part {
    double of(long from, long to);
  }

  /** The sum over elements 0 to n - 1 in tasks; the cut depends on n alone. */
  static double parallelSum(long n, Part part) {
    double[] parts = new double[Math.toIntExact((n + Parallel.GRAIN - 1) / Parallel.GRAIN)];
    Parallel.ranges(n, Parallel.GRAIN, (i, j) -> parts[(int) (i / Parallel.GRAIN)] = part.of(i, j));
    double total = 0;
    for (double p : parts) {
      total += p;
    }
    return total;
  }
}
