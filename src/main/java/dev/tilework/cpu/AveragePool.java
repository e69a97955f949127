package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.Shape;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** The mean of each window. */
final class AveragePool {
  /** Pixels of a window from which the sums are compensated. */
  private static final int LARGE = 64;

  private static final int SLOT = 4;

  private AveragePool() {}

  /**
   * The means.
   *
   * @param divisor the number to divide by; 0 for the number of pixels in each window
   */
  static void run(Shape shape, Windows rows, Windows columns, int divisor, long x, long y) {
    int h = shape.dim(1);
    int w = shape.dim(2);
    int c = shape.dim(3);
    int outH = rows.from.length;
    int outW = columns.from.length;
    long covered = (long) (rows.to[outH / 2] - rows.from[outH / 2]) * w;
    Parallel.rows(
        (long) shape.dim(0) * outH,
        Math.max(covered, outW) * c,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            int p = (int) (r % outH);
            long first = x + 4L * ((r / outH) * h + rows.from[p]) * w * c;
            int height = rows.to[p] - rows.from[p];
            for (int q = 0; q < outW; q++) {
              int width = columns.to[q] - columns.from[q];
              long corner = first + 4L * columns.from[q] * c;
              long pixels = (long) height * width;
              float scale = (float) (1.0 / (divisor == 0 ? pixels : divisor));
              long to1 = y + 4 * (r * outW + q) * c;
              if (pixels < LARGE) {
                window(corner, 4L * w * c, c, height, width, scale, to1);
              } else {
                large(corner, 4L * w * c, c, height, width, scale, to1);
              }
            }
          }
        });
  }

  private static void window(
      long x, long pitch, int c, int height, int width, float scale, long y) {
    int whole = Simd.whole(c);
    for (int j = 0; j < whole; j += LANES) {
      FloatVector sum = FloatVector.zero(Simd.S);
      for (int r = 0; r < height; r++) {
        long row = x + r * pitch + 4L * j;
        for (int s = 0; s < width; s++) {
          sum = sum.add(Simd.load(row + 4L * s * c));
        }
      }
      Simd.store(sum.mul(scale), y + 4L * j);
    }
    if (whole < c) {
      VectorMask<Float> in = Simd.first(c - whole);
      FloatVector sum = FloatVector.zero(Simd.S);
      for (int r = 0; r < height; r++) {
        long row = x + r * pitch + 4L * whole;
        for (int s = 0; s < width; s++) {
          sum = sum.add(Simd.load(row + 4L * s * c, in));
        }
      }
      Simd.store(sum.mul(scale), y + 4L * whole, in);
    }
  }

  private static void large(long x, long pitch, int c, int height, int width, float scale, long y) {
    long sums = Scratch.get(SLOT, ColumnMath.bytes(c));
    Simd.zero(sums, ColumnMath.bytes(c));
    if (pitch == 4L * c * width) {
      ColumnMath.add(x, 4L * c, (long) height * width, c, sums);
    } else {
      for (int r = 0; r < height; r++) {
        ColumnMath.add(x + r * pitch, 4L * c, width, c, sums);
      }
    }
    for (int k = 0; k < c; k++) {
      Simd.putFloat(y + 4L * k, (float) (ColumnMath.value(sums, c, k) * scale));
    }
  }

  static void gradient(Shape shape, Windows rows, Windows columns, int divisor, long dy, long dx) {
    int h = shape.dim(1);
    int w = shape.dim(2);
    int c = shape.dim(3);
    int outH = rows.from.length;
    int outW = columns.from.length;
    Parallel.rows(
        (long) shape.dim(0) * h,
        (long) w * c,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            int row = (int) (r % h);
            long image = dy + 4L * (r / h) * outH * outW * c;
            for (int s = 0; s < w; s++) {
              pixel(image, rows, columns, row, s, divisor, c, dx + 4 * (r * w + s) * c);
            }
          }
        });
  }

  private static void pixel(
      long dy, Windows rows, Windows columns, int row, int column, int divisor, int c, long dx) {
    int outW = columns.from.length;
    Simd.zero(dx, 4L * c);
    for (int p = rows.first[row]; p < rows.last[row]; p++) {
      for (int q = columns.first[column]; q < columns.last[column]; q++) {
        long pixels = (long) (rows.to[p] - rows.from[p]) * (columns.to[q] - columns.from[q]);
        float scale = (float) (1.0 / (divisor == 0 ? pixels : divisor));
        addScaled(dy + 4 * ((long) p * outW + q) * c, scale, dx, c);
      }
    }
  }

  private static void addScaled(long x, float scale, long y, int n) {
    FloatVector a = Simd.splat(scale);
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(Simd.load(x + 4L * i).fma(a, Simd.load(y + 4L * i)), y + 4L * i);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      FloatVector v = Simd.load(x + 4L * whole, m).fma(a, Simd.load(y + 4L * whole, m));
      Simd.store(v, y + 4L * whole, m);
    }
  }
}
