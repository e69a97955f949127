package dev.tilework.kernels.reference;

import dev.tilework.kernels.ImageOp;

/** Image augmentation. */
final class ImageReference {
  private ImageReference() {}

  static void warp(
      ImageOp.Warp o, HostTensor x, HostTensor parameters, HostTensor numbers, HostTensor y) {
    int channels = x.shape().dim(3);
    double[] t = new double[ImageOp.warpParameters(channels)];
    for (int n = 0; n < x.shape().dim(0); n++) {
      for (int k = 0; k < t.length; k++) {
        t[k] = parameters.get(parameters.index(n, k));
      }
      for (int p = 0; p < o.outH(); p++) {
        for (int q = 0; q < o.outW(); q++) {
          Sampled s = sample(o, x, t, n, p, q);
          for (int c = 0; c < channels; c++) {
            double noise = at(t, c, 5);
            int element = (p * o.outW() + q) * channels + c;
            double z = RandomReference.normal(o.seed(), o.stream(), (int) numbers.get(n), element);
            double v = at(t, c, 2) * s.values[c] + at(t, c, 3) * s.grey + at(t, c, 4) + noise * z;
            double magnitude =
                Math.abs(at(t, c, 2)) * s.magnitudes[c]
                    + Math.abs(at(t, c, 3)) * s.greyMagnitude
                    + Math.abs(at(t, c, 4))
                    + 4 * Math.abs(noise);
            y.set(y.index(n, p, q, c), v, magnitude);
          }
        }
      }
    }
  }

  private static double at(double[] t, int channel, int parameter) {
    return t[ImageOp.WARP_GEOMETRY + ImageOp.WARP_CHANNEL * channel + parameter];
  }

  /** What an output pixel takes from the input, and how large the error of it may be. */
  private static final class Sampled {
    private final double[] values;
    private final double[] magnitudes;
    private double grey;
    private double greyMagnitude;

    Sampled(int channels) {
      values = new double[channels];
      magnitudes = new double[channels];
    }
  }

  private static Sampled sample(ImageOp.Warp o, HostTensor x, double[] t, int n, int p, int q) {
    int h = x.shape().dim(1);
    int w = x.shape().dim(2);
    double dq = q - (o.outW() - 1) / 2.0;
    double dp = p - (o.outH() - 1) / 2.0;
    double column = t[0] * dq + t[1] * dp + t[2] + (w - 1) / 2.0;
    double row = t[3] * dq + t[4] * dp + t[5] + (h - 1) / 2.0;
    double reach =
        1
            + (Math.abs(t[0]) + Math.abs(t[3])) * Math.abs(dq)
            + (Math.abs(t[1]) + Math.abs(t[4])) * Math.abs(dp)
            + Math.abs(t[2])
            + Math.abs(t[5])
            + h
            + w;
    Sampled s = new Sampled(x.shape().dim(3));
    for (int c = 0; c < s.values.length; c++) {
      double fill = at(t, c, 0);
      s.values[c] = bilinear(x, fill, n, row, column, c);
      // An error of the coordinates moves the value by the difference of two pixels.
      s.magnitudes[c] = largest(x, fill, n, row, column, c) * reach;
      s.grey += at(t, c, 1) * s.values[c];
      s.greyMagnitude += Math.abs(at(t, c, 1)) * s.magnitudes[c];
    }
    return s;
  }

  private static double bilinear(
      HostTensor x, double fill, int n, double row, double column, int c) {
    int top = (int) Math.floor(row);
    int left = (int) Math.floor(column);
    double down = row - top;
    double right = column - left;
    return (1 - down) * (1 - right) * pixel(x, fill, n, top, left, c)
        + (1 - down) * right * pixel(x, fill, n, top, left + 1, c)
        + down * (1 - right) * pixel(x, fill, n, top + 1, left, c)
        + down * right * pixel(x, fill, n, top + 1, left + 1, c);
  }

  private static double largest(
      HostTensor x, double fill, int n, double row, double column, int c) {
    double m = 0;
    // One pixel further, as rounded coordinates may lie on the other side of a pixel's centre.
    for (int i = -1; i <= 2; i++) {
      for (int j = -1; j <= 2; j++) {
        int r = (int) Math.floor(row) + i;
        int s = (int) Math.floor(column) + j;
        m = Math.max(m, Math.abs(pixel(x, fill, n, r, s, c)));
      }
    }
    return m;
  }

  private static double pixel(HostTensor x, double fill, int n, int row, int column, int c) {
    boolean inside = row >= 0 && row < x.shape().dim(1) && column >= 0 && column < x.shape().dim(2);
    return inside ? x.get(x.index(n, row, column, c)) : fill;
  }

  static void mix(HostTensor x, HostTensor partners, HostTensor parameters, HostTensor y) {
    int images = x.shape().dim(0);
    for (int n = 0; n < images; n++) {
      int partner = (int) partners.get(n);
      boolean known = partner >= 0 && partner < images;
      for (int p = 0; p < x.shape().dim(1); p++) {
        for (int q = 0; q < x.shape().dim(2); q++) {
          boolean boxed =
              p >= parameters.get(parameters.index(n, 1))
                  && p < parameters.get(parameters.index(n, 3))
                  && q >= parameters.get(parameters.index(n, 2))
                  && q < parameters.get(parameters.index(n, 4));
          double u = boxed ? 1 : parameters.get(parameters.index(n, 0));
          for (int c = 0; c < x.shape().dim(3); c++) {
            double own = x.get(x.index(n, p, q, c));
            double other = known ? x.get(x.index(partner, p, q, c)) : Double.NaN;
            double magnitude = Math.abs(own) + Math.abs(u) * (Math.abs(own) + Math.abs(other));
            y.set(y.index(n, p, q, c), (1 - u) * own + u * other, magnitude);
          }
        }
      }
    }
  }
}
