package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The mean and the sum of squared deviations of each column, from one reading of the data: each
 * block of rows is summed, then its deviations from its own mean while it is in the cache; blocks
 * are combined in float64 by the formula of Chan, Golub and LeVeque, "Updating Formulae and a
 * Pairwise Algorithm for Computing Sample Variances", 1979.
 */
final class Moments {
  /** The mean of each column. */
  final double[] mean;

  /** The sum of squared deviations from the mean, of each column. */
  final double[] squares;

  private Moments(int columns) {
    mean = new double[columns];
    squares = new double[columns];
  }

  static Moments of(long x, Period p) {
    ColumnPanels panels = new ColumnPanels(p);
    // For each part and column of the period.
    double[] means = new double[Math.multiplyExact(panels.parts, p.width)];
    double[] squares = new double[means.length];
    panels.run(
        (part, column, columns, row, rows) -> {
          int at = part * p.width + column;
          long from = x + 4 * (row * p.width + column);
          part(from, 4L * p.width, rows, columns, means, squares, at);
        });
    Moments all = new Moments(p.columns);
    long[] counts = new long[p.columns];
    for (int part = 0; part < panels.parts; part++) {
      for (int j = 0; j < p.width; j++) {
        int k = part * p.width + j;
        all.combine(counts, j % p.columns, panels.rowsOf(part), means[k], squares[k]);
      }
    }
    for (int j = 0; j < panels.rest; j++) {
      float v = Simd.getFloat(x + 4 * (panels.rows * p.width + j));
      all.combine(counts, j % p.columns, 1, v, 0);
    }
    return all;
  }

  private void combine(long[] counts, int c, long n, double m, double s) {
    if (n == 0) {
      return;
    }
    long total = counts[c] + n;
    double d = m - mean[c];
    mean[c] += d * n / total;
    squares[c] += s + d * d * ((double) n * counts[c] / total);
    counts[c] = total;
  }

  /**
   * Of each column in a block: its first element, the sum of the others' differences from it, and
   * the sum of squared deviations from the mean. Far from 0, plain sums would round off what
   * matters, and so would a mean in float32.
   */
  private record Block(float[] first, float[] sum, float[] squares) {
    Block(int columns) {
      this(new float[columns], new float[columns], new float[columns]);
    }
  }

  private static void part(
      long x, long pitch, long rows, int columns, double[] means, double[] squares, int at) {
    Block b = new Block(ColumnMath.padded(columns));
    for (long r = 0; r < rows; r += ColumnPanels.BLOCK) {
      int n = (int) Math.min(ColumnPanels.BLOCK, rows - r);
      block(x + r * pitch, pitch, n, columns, b);
      combine(b, means, squares, at, columns, r, n);
    }
  }

  private static void combine(
      Block b, double[] means, double[] squares, int at, int columns, double before, double rows) {
    double mean = 1 / rows;
    double weight = rows / (before + rows);
    double between = weight * before;
    for (int j = 0; j < columns; j++) {
      double d = b.first[j] + b.sum[j] * mean - means[at + j];
      means[at + j] += d * weight;
      squares[at + j] += b.squares[j] + d * d * between;
    }
  }

  private static void block(long x, long pitch, int rows, int columns, Block to) {
    int fours = columns & -(4 * LANES);
    for (int j = 0; j < fours; j += 4 * LANES) {
      block4(x + 4L * j, pitch, rows, to, j);
    }
    for (int j = fours; j < columns; j += LANES) {
      VectorMask<Float> m = Simd.first(columns - j);
      FloatVector first = Simd.load(x + 4L * j, m);
      FloatVector sum = FloatVector.zero(Simd.S);
      for (int i = 1; i < rows; i++) {
        sum = sum.add(Simd.load(x + 4L * j + i * pitch, m).sub(first));
      }
      FloatVector mean = sum.fma(Simd.splat(1f / rows), first);
      FloatVector square = FloatVector.zero(Simd.S);
      for (int i = 0; i < rows; i++) {
        FloatVector d = Simd.load(x + 4L * j + i * pitch, m).sub(mean);
        square = d.fma(d, square);
      }
      first.intoArray(to.first, j);
      sum.intoArray(to.sum, j);
      square.intoArray(to.squares, j);
    }
  }

  private static void block4(long x, long pitch, int rows, Block to, int at) {
    FloatVector a0 = Simd.load(x);
    FloatVector b0 = Simd.load(x + Simd.BYTES);
    FloatVector c0 = Simd.load(x + 2L * Simd.BYTES);
    FloatVector d0 = Simd.load(x + 3L * Simd.BYTES);
    FloatVector a = FloatVector.zero(Simd.S);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 1; i < rows; i++) {
      long row = x + i * pitch;
      a = a.add(Simd.load(row).sub(a0));
      b = b.add(Simd.load(row + Simd.BYTES).sub(b0));
      c = c.add(Simd.load(row + 2L * Simd.BYTES).sub(c0));
      d = d.add(Simd.load(row + 3L * Simd.BYTES).sub(d0));
    }
    store(a0, b0, c0, d0, to.first, at);
    store(a, b, c, d, to.sum, at);
    FloatVector part = Simd.splat(1f / rows);
    a = a.fma(part, a0);
    b = b.fma(part, b0);
    c = c.fma(part, c0);
    d = d.fma(part, d0);
    FloatVector p = FloatVector.zero(Simd.S);
    FloatVector q = p;
    FloatVector r = p;
    FloatVector s = p;
    for (int i = 0; i < rows; i++) {
      long row = x + i * pitch;
      FloatVector da = Simd.load(row).sub(a);
      FloatVector db = Simd.load(row + Simd.BYTES).sub(b);
      FloatVector dc = Simd.load(row + 2L * Simd.BYTES).sub(c);
      FloatVector dd = Simd.load(row + 3L * Simd.BYTES).sub(d);
      p = da.fma(da, p);
      q = db.fma(db, q);
      r = dc.fma(dc, r);
      s = dd.fma(dd, s);
    }
    store(p, q, r, s, to.squares, at);
  }

  private static void store(
      FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] to, int at) {
    a.intoArray(to, at);
    b.intoArray(to, at + LANES);
    c.intoArray(to, at + 2 * LANES);
    d.intoArray(to, at + 3 * LANES);
  }
}
