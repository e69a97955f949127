package dev.tilework.data;

/**
 * Scaling by filters that are as wide as the pixels of the result: first along the rows, rounded to
 * bytes, then along the columns, as Pillow does ({@code Resample.c}).
 */
final class Resampling {
  private Resampling() {}

  /** The sources of one pixel: a range and the weight of each. */
  private record Taps(int[] first, double[][] weights) {}

  /**
   * Scales an image.
   *
   * @param pixels RGB, rows x columns x 3
   * @return of {@code outH} x {@code outW} x 3
   */
  static byte[] scale(byte[] pixels, int h, int w, int outH, int outW, Scaling.Filter filter) {
    byte[] wide = outW == w ? pixels : columns(pixels, h, w, outW, filter);
    return outH == h ? wide : rows(wide, h, outW, outH, filter);
  }

  private static Taps taps(int in, int out, Scaling.Filter filter) {
    double scale = (double) in / out;
    double stretch = Math.max(1, scale);
    double support = filter.support * stretch;
    int[] first = new int[out];
    double[][] weights = new double[out][];
    for (int i = 0; i < out; i++) {
      double centre = (i + 0.5) * scale;
      int from = Math.max(0, (int) (centre - support + 0.5));
      int to = Math.min(in, (int) (centre + support + 0.5));
      double[] k = new double[to - from];
      double sum = 0;
      for (int j = 0; j < k.length; j++) {
        k[j] = filter.weight((from + j - centre + 0.5) / stretch);
        sum += k[j];
      }
      for (int j = 0; j < k.length; j++) {
        k[j] /= sum;
      }
      first[i] = from;
      weights[i] = k;
    }
    return new Taps(first, weights);
  }

  private static byte[] columns(byte[] in, int h, int w, int outW, Scaling.Filter filter) {
    Taps taps = taps(w, outW, filter);
    byte[] out = new byte[h * outW * 3];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < outW; x++) {
        int from = (y * w + taps.first[x]) * 3;
        for (int c = 0; c < 3; c++) {
          out[(y * outW + x) * 3 + c] = sum(in, from + c, 3, taps.weights[x]);
        }
      }
    }
    return out;
  }

  private static byte[] rows(byte[] in, int h, int w, int outH, Scaling.Filter filter) {
    Taps taps = taps(h, outH, filter);
    int row = w * 3;
    byte[] out = new byte[outH * row];
    for (int y = 0; y < outH; y++) {
      for (int i = 0; i < row; i++) {
        out[y * row + i] = sum(in, taps.first[y] * row + i, row, taps.weights[y]);
      }
    }
    return out;
  }

  private static byte sum(byte[] in, int from, int step, double[] weights) {
    double s = 0;
    for (int j = 0; j < weights.length; j++) {
      s += weights[j] * (in[from + j * step] & 0xFF);
    }
    return (byte) Math.clamp((long) Math.floor(s + 0.5), 0, 255);
  }
}
