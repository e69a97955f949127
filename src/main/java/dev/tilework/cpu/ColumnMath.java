package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/**
 * Sums and maxima down the columns of rows. A block of rows is summed in registers; the blocks'
 * sums are added to accumulators in memory, each with the rounding errors of its additions beside
 * it, so that the error does not grow with the number of rows.
 *
 * <p>Accumulators are {@code padded} floats of sums followed by as many of errors, the width
 * rounded up to whole vectors.
 */
final class ColumnMath {
  private static final int BLOCK = 32;

  private ColumnMath() {}

  static int padded(int width) {
    return (width + LANES - 1) / LANES * LANES;
  }

  /** Bytes of the accumulators for a width. */
  static long bytes(int width) {
    return 8L * padded(width);
  }

  /** Adds rows, {@code pitch} bytes apart, to accumulators. */
  static void add(long x, long pitch, long rows, int width, long sums) {
    long errors = sums + 4L * padded(width);
    int fours = width & -(4 * LANES);
    int whole = Simd.whole(width);
    for (long r = 0; r < rows; r += BLOCK) {
      int n = (int) Math.min(BLOCK, rows - r);
      long row = x + r * pitch;
      for (int j = 0; j < fours; j += 4 * LANES) {
        add4(row + 4L * j, pitch, n, sums + 4L * j, errors + 4L * j);
      }
      for (int j = fours; j < whole; j += LANES) {
        FloatVector s = Simd.load(row + 4L * j);
        for (int i = 1; i < n; i++) {
          s = s.add(Simd.load(row + 4L * j + i * pitch));
        }
        accumulate(s, sums + 4L * j, errors + 4L * j);
      }
      if (whole < width) {
        var m = Simd.first(width - whole);
        FloatVector s = Simd.load(row + 4L * whole, m);
        for (int i = 1; i < n; i++) {
          s = s.add(Simd.load(row + 4L * whole + i * pitch, m));
        }
        accumulate(s, sums + 4L * whole, errors + 4L * whole);
      }
    }
  }

  /** Adds one row that ends before the width to accumulators. */
  static void addShort(long x, int n, int width, long sums) {
    long errors = sums + 4L * padded(width);
    for (int j = 0; j < n; j += LANES) {
      accumulate(Simd.load(x + 4L * j, Simd.first(n - j)), sums + 4L * j, errors + 4L * j);
    }
  }

  private static void add4(long x, long pitch, int rows, long sums, long errors) {
    FloatVector a = Simd.load(x);
    FloatVector b = Simd.load(x + Simd.BYTES);
    FloatVector c = Simd.load(x + 2L * Simd.BYTES);
    FloatVector d = Simd.load(x + 3L * Simd.BYTES);
    for (int i = 1; i < rows; i++) {
      long row = x + i * pitch;
      a = a.add(Simd.load(row));
      b = b.add(Simd.load(row + Simd.BYTES));
      c = c.add(Simd.load(row + 2L * Simd.BYTES));
      d = d.add(Simd.load(row + 3L * Simd.BYTES));
    }
    accumulate(a, sums, errors);
    accumulate(b, sums + Simd.BYTES, errors + Simd.BYTES);
    accumulate(c, sums + 2L * Simd.BYTES, errors + 2L * Simd.BYTES);
    accumulate(d, sums + 3L * Simd.BYTES, errors + 3L * Simd.BYTES);
  }

  /**
   * Adds a vector to an accumulator, and the addition's exact error to the errors: Knuth's two-sum
   * (The Art of Computer Programming 2, 4.2.2).
   */
  static void accumulate(FloatVector v, long sum, long error) {
    FloatVector s = Simd.load(sum);
    FloatVector t = s.add(v);
    FloatVector z = t.sub(s);
    FloatVector e = s.sub(t.sub(z)).add(v.sub(z));
    Simd.store(t, sum);
    Simd.store(Simd.load(error).add(e), error);
  }

  /** What an accumulator holds. */
  static double value(long sums, int width, int column) {
    float s = Simd.getFloat(sums + 4L * column);
    float e = Simd.getFloat(sums + 4L * (padded(width) + column));
    // The error of an infinite sum is NaN and means nothing.
    return Float.isFinite(s) ? (double) s + e : s;
  }

  /** Raises accumulators (sums only) to the largest elements of rows; NaN counts as the largest. */
  static void max(long x, long pitch, long rows, int width, long maxima) {
    int whole = Simd.whole(width);
    for (long r = 0; r < rows; r += BLOCK) {
      int n = (int) Math.min(BLOCK, rows - r);
      long row = x + r * pitch;
      for (int j = 0; j < whole; j += LANES) {
        FloatVector s = Simd.load(maxima + 4L * j);
        for (int i = 0; i < n; i++) {
          s = s.max(Simd.load(row + 4L * j + i * pitch));
        }
        Simd.store(s, maxima + 4L * j);
      }
      if (whole < width) {
        var m = Simd.first(width - whole);
        FloatVector s = Simd.load(maxima + 4L * whole);
        for (int i = 0; i < n; i++) {
          FloatVector v = Simd.load(row + 4L * whole + i * pitch, m);
          s = s.max(s.blend(v, m));
        }
        Simd.store(s, maxima + 4L * whole);
      }
    }
  }
}
