package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The two sums down each column that the gradient of batch normalization needs, from one reading:
 * of dz, and of dz (x - mean), where dz is dy where y is above 0.
 */
final class NormSums {
  private static final int SLOT = 1;
  private static final int SUMS_SLOT = 2;

  /** The sums of dz. */
  final double[] plain;

  /** The sums of dz (x - mean). */
  final double[] products;

  private NormSums(int columns) {
    plain = new double[columns];
    products = new double[columns];
  }

  /**
   * The sums.
   *
   * @param y 0 where there is no ReLU
   */
  static NormSums of(long dy, long x, long y, float[] mean, Period p) {
    ColumnPanels panels = new ColumnPanels(p);
    long bytes = ColumnMath.bytes(p.width);
    // The mean, then for each part the accumulators of both sums.
    long table = Scratch.get(SLOT, bytes * (1 + 2L * panels.parts));
    p.repeat(mean, table);
    panels.run(
        (part, column, columns, row, rows) -> {
          Accumulators to = new Accumulators(table, bytes, part, column, p.padded());
          to.clear(columns);
          long at = 4 * (row * p.width + column);
          for (long r = 0; r < rows; r += ColumnPanels.BLOCK) {
            int n = (int) Math.min(ColumnPanels.BLOCK, rows - r);
            long from = at + 4 * r * p.width;
            block(dy + from, x + from, y == 0 ? 0 : y + from, 4L * p.width, n, columns, to);
          }
        });
    if (panels.rest > 0) {
      Accumulators to = new Accumulators(table, bytes, panels.parts - 1, 0, p.padded());
      long at = 4 * panels.rows * p.width;
      block(dy + at, x + at, y == 0 ? 0 : y + at, 0, 1, panels.rest, to);
    }
    NormSums all = new NormSums(p.columns);
    for (int part = 0; part < panels.parts; part++) {
      long sums = table + bytes * (1 + 2L * part);
      for (int j = 0; j < p.width; j++) {
        all.plain[j % p.columns] += ColumnMath.value(sums, p.width, j);
        all.products[j % p.columns] += ColumnMath.value(sums + bytes, p.width, j);
      }
    }
    return all;
  }

  /**
   * Where a part's sums of some columns are.
   *
   * @param mean the columns' means
   * @param plain the accumulators of the first sum, their errors {@code errors} bytes further
   * @param products those of the second
   */
  private record Accumulators(long mean, long plain, long products, long errors) {
    Accumulators(long table, long bytes, int part, int column, int padded) {
      this(
          table + 4L * column,
          table + bytes * (1 + 2L * part) + 4L * column,
          table + bytes * (2 + 2L * part) + 4L * column,
          4L * padded);
    }

    void clear(int columns) {
      long n = 4L * ColumnMath.padded(columns);
      Simd.zero(plain, n);
      Simd.zero(plain + errors, n);
      Simd.zero(products, n);
      Simd.zero(products + errors, n);
    }
  }

  private static void block(
      long dy, long x, long y, long pitch, int rows, int columns, Accumulators to) {
    int twos = columns & -(2 * LANES);
    for (int j = 0; j < twos; j += 2 * LANES) {
      long at = 4L * j;
      if (y == 0) {
        two(dy + at, x + at, pitch, rows, at, to);
      } else {
        twoRelu(dy + at, x + at, y + at, pitch, rows, at, to);
      }
    }
    for (int j = twos; j < columns; j += LANES) {
      one(dy + 4L * j, x + 4L * j, y, 4L * j, pitch, rows, Simd.first(columns - j), to);
    }
  }

  private static void two(long dy, long x, long pitch, int rows, long at, Accumulators to) {
    FloatVector ma = Simd.load(to.mean + at);
    FloatVector mb = Simd.load(to.mean + at + Simd.BYTES);
    FloatVector sa = FloatVector.zero(Simd.S);
    FloatVector sb = sa;
    FloatVector pa = sa;
    FloatVector pb = sa;
    for (int i = 0; i < rows; i++) {
      long row = i * pitch;
      FloatVector ga = Simd.load(dy + row);
      FloatVector gb = Simd.load(dy + row + Simd.BYTES);
      sa = sa.add(ga);
      sb = sb.add(gb);
      pa = ga.fma(Simd.load(x + row).sub(ma), pa);
      pb = gb.fma(Simd.load(x + row + Simd.BYTES).sub(mb), pb);
    }
    accumulate(sa, pa, at, to);
    accumulate(sb, pb, at + Simd.BYTES, to);
  }

  private static void twoRelu(
      long dy, long x, long y, long pitch, int rows, long at, Accumulators to) {
    FloatVector ma = Simd.load(to.mean + at);
    FloatVector mb = Simd.load(to.mean + at + Simd.BYTES);
    FloatVector sa = FloatVector.zero(Simd.S);
    FloatVector sb = sa;
    FloatVector pa = sa;
    FloatVector pb = sa;
    for (int i = 0; i < rows; i++) {
      long row = i * pitch;
      FloatVector ga = NormRows.masked(Simd.load(dy + row), Simd.load(y + row));
      FloatVector gb =
          NormRows.masked(Simd.load(dy + row + Simd.BYTES), Simd.load(y + row + Simd.BYTES));
      sa = sa.add(ga);
      sb = sb.add(gb);
      pa = ga.fma(Simd.load(x + row).sub(ma), pa);
      pb = gb.fma(Simd.load(x + row + Simd.BYTES).sub(mb), pb);
    }
    // By way of memory: with the additions written out four times the method gets too large for C2.
    long t = Scratch.get(SUMS_SLOT, 4L * Simd.BYTES);
    Simd.store(sa, t);
    Simd.store(sb, t + Simd.BYTES);
    Simd.store(pa, t + 2L * Simd.BYTES);
    Simd.store(pb, t + 3L * Simd.BYTES);
    for (int i = 0; i < 4; i++) {
      long sum = (i < 2 ? to.plain : to.products) + at + (i & 1) * Simd.BYTES;
      ColumnMath.accumulate(Simd.load(t + (long) i * Simd.BYTES), sum, sum + to.errors);
    }
  }

  private static void one(
      long dy,
      long x,
      long y,
      long at,
      long pitch,
      int rows,
      VectorMask<Float> in,
      Accumulators to) {
    FloatVector mean = Simd.load(to.mean + at, in);
    FloatVector s = FloatVector.zero(Simd.S);
    FloatVector p = s;
    for (int i = 0; i < rows; i++) {
      FloatVector g = Simd.load(dy + i * pitch, in);
      if (y != 0) {
        g = NormRows.masked(g, Simd.load(y + at + i * pitch, in));
      }
      s = s.add(g);
      p = g.fma(Simd.load(x + i * pitch, in).sub(mean), p);
    }
    accumulate(s, p, at, to);
  }

  private static void accumulate(FloatVector s, FloatVector p, long at, Accumulators to) {
    ColumnMath.accumulate(s, to.plain + at, to.plain + at + to.errors);
    ColumnMath.accumulate(p, to.products + at, to.products + at + to.errors);
  }
}
