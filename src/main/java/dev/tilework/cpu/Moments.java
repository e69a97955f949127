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

  private static void part(
      long x, long pitch, long rows, int columns, double[] means, double[] squares, int at) {
    float[] blockMeans = new float[ColumnMath.padded(columns)];
    float[] blockSquares = new float[blockMeans.length];
    for (long r = 0; r < rows; r += ColumnPanels.BLOCK) {
      int n = (int) Math.min(ColumnPanels.BLOCK, rows - r);
      block(x + r * pitch, pitch, n, columns, blockMeans, blockSquares);
      combine(
          blockMeans,
          blockSquares,
          means,
          squares,
          at,
          columns,
          n / (double) (r + n),
          n * (double) r / (r + n));
    }
  }

  private static void combine(
      float[] m, float[] s, double[] means, double[] squares, int at, int n, double w1, double w2) {
    for (int j = 0; j < n; j++) {
      double d = m[j] - means[at + j];
      means[at + j] += d * w1;
      squares[at + j] += s[j] + d * d * w2;
    }
  }

  private static void block(
      long x, long pitch, int rows, int columns, float[] means, float[] squares) {
    int fours = columns & -(4 * LANES);
    for (int j = 0; j < fours; j += 4 * LANES) {
      block4(x + 4L * j, pitch, rows, means, squares, j);
    }
    for (int j = fours; j < columns; j += LANES) {
      VectorMask<Float> m = Simd.first(columns - j);
      FloatVector sum = FloatVector.zero(Simd.S);
      for (int i = 0; i < rows; i++) {
        sum = sum.add(Simd.load(x + 4L * j + i * pitch, m));
      }
      FloatVector mean = sum.mul(1f / rows);
      FloatVector square = FloatVector.zero(Simd.S);
      for (int i = 0; i < rows; i++) {
        FloatVector d = Simd.load(x + 4L * j + i * pitch, m).sub(mean);
        square = d.fma(d, square);
      }
      mean.intoArray(means, j);
      square.intoArray(squares, j);
    }
  }

  private static void block4(long x, long pitch, int rows, float[] means, float[] squares, int at) {
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
    float part = 1f / rows;
    a = a.mul(part);
    b = b.mul(part);
    c = c.mul(part);
    d = d.mul(part);
    a.intoArray(means, at);
    b.intoArray(means, at + LANES);
    c.intoArray(means, at + 2 * LANES);
    d.intoArray(means, at + 3 * LANES);
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
    p.intoArray(squares, at);
    q.intoArray(squares, at + LANES);
    r.intoArray(squares, at + 2 * LANES);
    s.intoArray(squares, at + 3 * LANES);
  }
}
