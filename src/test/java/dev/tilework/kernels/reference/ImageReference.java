package dev.tilework.kernels.reference;

import dev.tilework.kernels.ImageOp;

/** Image augmentation. */
final class ImageReference {
  private ImageReference() {}

  static void warp(ImageOp.Warp o, HostTensor x, HostTensor parameters, HostTensor y) {
    int h = x.shape().dim(1);
    int w = x.shape().dim(2);
    int channels = x.shape().dim(3);
    for (int n = 0; n < x.shape().dim(0); n++) {
      double[] t = new double[ImageOp.WARP_PARAMETERS];
      for (int k = 0; k < t.length; k++) {
        t[k] = parameters.get(parameters.index(n, k));
      }
      for (int p = 0; p < o.outH(); p++) {
        for (int q = 0; q < o.outW(); q++) {
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
          for (int c = 0; c < channels; c++) {
            int at = y.index(n, p, q, c);
            double v = bilinear(x, o.fill(), n, row, column, c);
            double noise = t[8] * RandomReference.normal(o.seed(), o.stream(), at);
            double range = largest(x, o.fill(), n, row, column, c);
            y.set(
                at,
                (v - 0.5) * t[7] + 0.5 + t[6] + noise,
                // An error of the coordinates moves the value by the difference of two pixels.
                Math.abs(t[7]) * (range * reach + 0.5) + 0.5 + Math.abs(t[6]) + 4 * Math.abs(t[8]));
          }
        }
      }
    }
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
}
