package dev.tilework.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of Winograd's convolution F(4x4, 3x3) for a vector of channels, with the
 * interpolation points 0, 1, -1, 2, -2 and infinity. Source: Lavin and Gray, "Fast Algorithms for
 * Convolutional Neural Networks", 2016, section 4.3.
 */
final class WinogradTransforms {
  /** Rows and columns of a transformed tile. */
  static final int POINTS = 6;

  /** Transformed values of a tile. */
  static final int FREQUENCIES = POINTS * POINTS;

  /** Rows and columns of output that a tile gives. */
  static final int OUT = 4;

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
    for (int c = 0; c < POINTS; c++) {
      long p = d + c * pixel;
      boolean in = c >= x0 && c < x1;
      transformInput(
          Simd.load(in && y0 <= 0 && y1 > 0 ? p : zero),
          Simd.load(in && y0 <= 1 && y1 > 1 ? p + row : zero),
          Simd.load(in && y0 <= 2 && y1 > 2 ? p + 2 * row : zero),
          Simd.load(in && y0 <= 3 && y1 > 3 ? p + 3 * row : zero),
          Simd.load(in && y0 <= 4 && y1 > 4 ? p + 4 * row : zero),
          Simd.load(in && y0 <= 5 && y1 > 5 ? p + 5 * row : zero),
          temporary + (long) c * Simd.BYTES,
          (long) POINTS * Simd.BYTES);
    }
    for (int r = 0; r < POINTS; r++) {
      long p = temporary + (long) r * POINTS * Simd.BYTES;
      transformInput(
          Simd.load(p),
          Simd.load(p + Simd.BYTES),
          Simd.load(p + 2L * Simd.BYTES),
          Simd.load(p + 3L * Simd.BYTES),
          Simd.load(p + 4L * Simd.BYTES),
          Simd.load(p + 5L * Simd.BYTES),
          to + r * POINTS * frequency,
          frequency);
    }
  }

  private static void transformInput(
      FloatVector d0,
      FloatVector d1,
      FloatVector d2,
      FloatVector d3,
      FloatVector d4,
      FloatVector d5,
      long to,
      long step) {
    FloatVector four = FloatVector.broadcast(Simd.S, 4f);
    FloatVector minusFive = FloatVector.broadcast(Simd.S, -5f);
    FloatVector a = d2.fma(FloatVector.broadcast(Simd.S, -4f), d4);
    FloatVector b = d1.fma(FloatVector.broadcast(Simd.S, -4f), d3);
    FloatVector c = d4.sub(d2);
    FloatVector e = d3.sub(d1);
    FloatVector f = e.add(e);
    Simd.store(d0.fma(four, d2.fma(minusFive, d4)), to);
    Simd.store(a.add(b), to + step);
    Simd.store(a.sub(b), to + 2 * step);
    Simd.store(c.add(f), to + 3 * step);
    Simd.store(c.sub(f), to + 4 * step);
    Simd.store(d1.fma(four, d3.fma(minusFive, d5)), to + 5 * step);
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
    for (int c = 0; c < POINTS; c++) {
      long p = m + c * frequency;
      long step = POINTS * frequency;
      transformOutput(
          Simd.load(p),
          Simd.load(p + step),
          Simd.load(p + 2 * step),
          Simd.load(p + 3 * step),
          Simd.load(p + 4 * step),
          Simd.load(p + 5 * step),
          temporary + (long) c * Simd.BYTES,
          (long) POINTS * Simd.BYTES,
          OUT);
    }
    for (int r = 0; r < rows; r++) {
      long p = temporary + (long) r * POINTS * Simd.BYTES;
      transformOutput(
          Simd.load(p),
          Simd.load(p + Simd.BYTES),
          Simd.load(p + 2L * Simd.BYTES),
          Simd.load(p + 3L * Simd.BYTES),
          Simd.load(p + 4L * Simd.BYTES),
          Simd.load(p + 5L * Simd.BYTES),
          to + r * row,
          pixel,
          columns);
    }
  }

  private static void transformOutput(
      FloatVector m0,
      FloatVector m1,
      FloatVector m2,
      FloatVector m3,
      FloatVector m4,
      FloatVector m5,
      long to,
      long step,
      int n) {
    FloatVector p = m1.add(m2);
    FloatVector q = m1.sub(m2);
    FloatVector r = m3.add(m4);
    FloatVector t = m3.sub(m4);
    Simd.store(m0.add(p).add(r), to);
    if (n > 1) {
      Simd.store(t.fma(FloatVector.broadcast(Simd.S, 2f), q), to + step);
    }
    if (n > 2) {
      Simd.store(r.fma(FloatVector.broadcast(Simd.S, 4f), p), to + 2 * step);
    }
    if (n > 3) {
      Simd.store(t.fma(FloatVector.broadcast(Simd.S, 8f), q).add(m5), to + 3 * step);
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
    long first = flipped ? g + 8 * step : g;
    long next = flipped ? -step : step;
    for (int c = 0; c < 3; c++) {
      long p = first + c * next;
      transformWeights(
          Simd.load(p),
          Simd.load(p + 3 * next),
          Simd.load(p + 6 * next),
          temporary + (long) c * Simd.BYTES,
          3L * Simd.BYTES);
    }
    for (int r = 0; r < POINTS; r++) {
      long p = temporary + 3L * r * Simd.BYTES;
      transformWeights(
          Simd.load(p),
          Simd.load(p + Simd.BYTES),
          Simd.load(p + 2L * Simd.BYTES),
          to + r * POINTS * frequency,
          frequency);
    }
  }

  private static void transformWeights(
      FloatVector g0, FloatVector g1, FloatVector g2, long to, long step) {
    FloatVector a = g0.add(g2).mul(-1 / 6f);
    FloatVector b = g1.mul(1 / 6f);
    FloatVector c = g0.fma(FloatVector.broadcast(Simd.S, 1 / 24f), g2.mul(1 / 6f));
    FloatVector e = g1.mul(1 / 12f);
    Simd.store(g0.mul(0.25f), to);
    Simd.store(a.sub(b), to + step);
    Simd.store(a.add(b), to + 2 * step);
    Simd.store(c.add(e), to + 3 * step);
    Simd.store(c.sub(e), to + 4 * step);
    Simd.store(g2, to + 5 * step);
  }
}
