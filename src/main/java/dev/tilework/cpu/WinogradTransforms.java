package dev.tilework.cpu;

import static dev.tilework.cpu.Tile.load;
import static dev.tilework.cpu.Tile.store;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of Winograd's convolution F(4x4, 3x3) for a vector of channels, with the
 * interpolation points 0, 1, -1, 2, -2 and infinity. Written as {@link Tile} says. Source: Lavin
 * and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.3.
 */
final class WinogradTransforms {
  /** Rows and columns of a transformed tile. */
  static final int POINTS = 6;

  /** Transformed values of a tile. */
  static final int FREQUENCIES = POINTS * POINTS;

  /** Rows and columns of output that a tile gives. */
  static final int OUT = 4;

  private static final int ALL_POINTS = (1 << POINTS) - 1;

  private WinogradTransforms() {}

  /** Bytes of working memory that {@link #input} and {@link #output} take. */
  static long temporaryBytes() {
    return (long) FREQUENCIES * Simd.BYTES;
  }

  /**
   * {@code B^T d B} for a patch of 6 by 6 pixels, zero where it leaves the image.
   *
   * @param d address of the patch's first pixel, which may be outside the image
   * @param row bytes from an image row to the next
   * @param pixel bytes from a pixel to the next
   * @param y0 first row of the patch inside the image
   * @param y1 one past the last
   * @param x0 first column inside
   * @param x1 one past the last
   * @param zero address of a vector of zeros
   * @param to where frequency 0 goes
   * @param frequency bytes from a frequency to the next
   * @param temporary working memory
   */
  static void input(
      long d,
      long row,
      long pixel,
      int y0,
      int y1,
      int x0,
      int x1,
      long zero,
      long to,
      long frequency,
      long temporary) {
    int rows = ALL_POINTS & -(1 << y0) & ((1 << y1) - 1);
    int columns = ALL_POINTS & -(1 << x0) & ((1 << x1) - 1);
    zero &= Simd.ADDRESS;
    // First the columns, then the rows, in one loop: the body twice is too much for one method.
    for (int i = 0; i < 2 * POINTS; i++) {
      boolean first = i < POINTS;
      int inside = first ? (columns >> i & 1) == 0 ? 0 : rows : ALL_POINTS;
      long p = (first ? d : temporary) & Simd.ADDRESS;
      long step = (first ? row : Simd.BYTES) & Tile.STRIDE;
      long o = (first ? temporary + (long) i * Simd.BYTES : to) & Simd.ADDRESS;
      long next = (first ? (long) POINTS * Simd.BYTES : frequency) & Tile.STRIDE;
      transformInput(
          (inside & 1) != 0 ? p : zero,
          (inside & 2) != 0 ? p + step : zero,
          (inside & 4) != 0 ? p + 2 * step : zero,
          (inside & 8) != 0 ? p + 3 * step : zero,
          (inside & 16) != 0 ? p + 4 * step : zero,
          (inside & 32) != 0 ? p + 5 * step : zero,
          o,
          next);
      if (first) {
        d += pixel;
      } else {
        temporary += (long) POINTS * Simd.BYTES;
        to += POINTS * frequency;
      }
    }
  }

  private static void transformInput(
      long p0, long p1, long p2, long p3, long p4, long p5, long to, long step) {
    FloatVector d2 = load(p2);
    FloatVector d4 = load(p4);
    FloatVector four = FloatVector.broadcast(Simd.S, 4f);
    FloatVector minusFive = FloatVector.broadcast(Simd.S, -5f);
    store(load(p0).fma(four, d2.fma(minusFive, d4)), to);
    FloatVector d1 = load(p1);
    FloatVector d3 = load(p3);
    store(d1.fma(four, d3.fma(minusFive, load(p5))), to + 5 * step);
    FloatVector a = d4.sub(d2.mul(four));
    FloatVector b = d3.sub(d1.mul(four));
    store(a.add(b), to + step);
    store(a.sub(b), to + 2 * step);
    FloatVector c = d4.sub(d2);
    FloatVector e = d3.sub(d1);
    e = e.add(e);
    store(c.add(e), to + 3 * step);
    store(c.sub(e), to + 4 * step);
  }

  /**
   * {@code A^T m A}: the tile of up to 4 by 4 output pixels.
   *
   * @param m address of frequency 0
   * @param frequency bytes from a frequency to the next
   * @param to address of the first output pixel
   * @param row bytes from an output row to the next
   * @param pixel bytes from an output pixel to the next
   * @param rows rows to write
   * @param columns columns to write
   */
  static void output(
      long m,
      long frequency,
      long to,
      long row,
      long pixel,
      int rows,
      int columns,
      long temporary) {
    for (int i = 0; i < POINTS + rows; i++) {
      boolean first = i < POINTS;
      transformOutput(
          (first ? m : temporary) & Simd.ADDRESS,
          (first ? POINTS * frequency : Simd.BYTES) & Tile.STRIDE,
          (first ? temporary + (long) i * Simd.BYTES : to) & Simd.ADDRESS,
          (first ? (long) POINTS * Simd.BYTES : pixel) & Tile.STRIDE,
          first ? OUT : columns);
      if (first) {
        m += frequency;
      } else {
        temporary += (long) POINTS * Simd.BYTES;
        to += row;
      }
    }
  }

  private static void transformOutput(long from, long fromStep, long to, long step, int n) {
    FloatVector m1 = load(from + fromStep);
    FloatVector m2 = load(from + 2 * fromStep);
    FloatVector m3 = load(from + 3 * fromStep);
    FloatVector m4 = load(from + 4 * fromStep);
    FloatVector p = m1.add(m2);
    FloatVector q = m1.sub(m2);
    FloatVector r = m3.add(m4);
    FloatVector t = m3.sub(m4);
    store(load(from).add(p).add(r), to);
    if (n > 1) {
      store(t.fma(FloatVector.broadcast(Simd.S, 2f), q), to + step);
    }
    if (n > 2) {
      store(r.fma(FloatVector.broadcast(Simd.S, 4f), p), to + 2 * step);
    }
    if (n > 3) {
      FloatVector m5 = load(from + 5 * fromStep);
      store(t.fma(FloatVector.broadcast(Simd.S, 8f), q).add(m5), to + 3 * step);
    }
  }

  /**
   * {@code G g G^T} of the 3 by 3 weights of a filter, for a vector of channels.
   *
   * @param g address of the first weight of the channels
   * @param step bytes from a weight to the next
   * @param flipped whether to turn the kernel by 180 degrees, as the gradient to the images wants
   *     it
   * @param to where frequency 0 goes
   * @param frequency bytes from a frequency to the next
   * @param temporary working memory
   */
  static void weights(long g, long step, boolean flipped, long to, long frequency, long temporary) {
    long from = flipped ? g + 8 * step : g;
    long next = flipped ? -step : step;
    for (int i = 0; i < 3 + POINTS; i++) {
      boolean first = i < 3;
      long p = first ? from + i * next : temporary + 3L * (i - 3) * Simd.BYTES;
      long across = first ? 3 * next : Simd.BYTES;
      transformWeights(
          p & Simd.ADDRESS,
          (p + across) & Simd.ADDRESS,
          (p + 2 * across) & Simd.ADDRESS,
          (first ? temporary + (long) i * Simd.BYTES : to) & Simd.ADDRESS,
          (first ? 3L * Simd.BYTES : frequency) & Tile.STRIDE);
      if (!first) {
        to += POINTS * frequency;
      }
    }
  }

  private static void transformWeights(long p0, long p1, long p2, long to, long step) {
    FloatVector g0 = load(p0);
    FloatVector g1 = load(p1);
    FloatVector g2 = load(p2);
    FloatVector a = g0.add(g2).mul(-1 / 6f);
    FloatVector b = g1.mul(1 / 6f);
    FloatVector c = g0.fma(FloatVector.broadcast(Simd.S, 1 / 24f), g2.mul(1 / 6f));
    FloatVector e = g1.mul(1 / 12f);
    store(g0.mul(0.25f), to);
    store(a.sub(b), to + step);
    store(a.add(b), to + 2 * step);
    store(c.add(e), to + 3 * step);
    store(c.sub(e), to + 4 * step);
    store(g2, to + 5 * step);
  }
}
