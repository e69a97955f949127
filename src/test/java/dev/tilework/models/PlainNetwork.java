package dev.tilework.models;

import dev.tilework.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The layers of a network in double precision, each as its formula reads, over the numbers of a
 * state dictionary: what is computed here shares nothing with {@code nn} but the names.
 */
final class PlainNetwork {
  private final Map<String, Tensor> state;
  private final Map<String, double[]> values = new HashMap<>();
  private final double eps;

  /** Over a state, with the eps of its batch normalizations. */
  PlainNetwork(Map<String, Tensor> state, double eps) {
    this.state = state;
    this.eps = eps;
  }

  /** One image: rows, columns, channels. */
  record Image(int h, int w, int c, double... a) {
    Image(int h, int w, int c) {
      this(h, w, c, new double[h * w * c]);
    }

    double at(int row, int column, int channel) {
      return a[(row * w + column) * c + channel];
    }

    boolean has(int row, int column) {
      return row >= 0 && row < h && column >= 0 && column < w;
    }
  }

  boolean has(String name) {
    return state.containsKey(name);
  }

  private double[] get(String name) {
    return values.computeIfAbsent(
        name,
        n -> {
          float[] f = state.get(n).toArray();
          double[] d = new double[f.length];
          Arrays.setAll(d, i -> f[i]);
          return d;
        });
  }

  /** With the bias where the state has one; depthwise where its weights have one channel. */
  Image conv(Image x, String name, int stride, int padH, int padW) {
    int[] d = state.get(name + ".weight").shape().dims();
    boolean depthwise = d[3] == 1 && x.c() > 1;
    double[] w = filtersInnermost(name, d);
    Image y =
        new Image(
            (x.h() + 2 * padH - d[1]) / stride + 1, (x.w() + 2 * padW - d[2]) / stride + 1, d[0]);
    for (int p = 0; p < y.h(); p++) {
      for (int q = 0; q < y.w(); q++) {
        int to = (p * y.w() + q) * d[0];
        for (int i = 0; i < d[1]; i++) {
          for (int j = 0; j < d[2]; j++) {
            int row = p * stride - padH + i;
            int column = q * stride - padW + j;
            for (int c = 0; c < d[3] && x.has(row, column); c++) {
              int tap = ((i * d[2] + j) * d[3] + c) * d[0];
              int from = (row * x.w() + column) * x.c() + c;
              if (depthwise) {
                addProducts(y.a(), to, x.a(), from, w, tap, d[0]);
              } else {
                addProducts(y.a(), to, x.a()[from], w, tap, d[0]);
              }
            }
          }
        }
      }
    }
    return has(name + ".bias") ? addBias(y, get(name + ".bias")) : y;
  }

  /** (out, kernelH, kernelW, in) to (kernelH, kernelW, in, out), in which the sums run faster. */
  private double[] filtersInnermost(String name, int... d) {
    double[] w = get(name + ".weight");
    int taps = w.length / d[0];
    double[] t = new double[w.length];
    for (int o = 0; o < d[0]; o++) {
      for (int i = 0; i < taps; i++) {
        t[i * d[0] + o] = w[o * taps + i];
      }
    }
    return t;
  }

  private static void addProducts(double[] y, int to, double x, double[] w, int tap, int n) {
    for (int o = 0; o < n; o++) {
      y[to + o] += x * w[tap + o];
    }
  }

  private static void addProducts(
      double[] y, int to, double[] x, int from, double[] w, int tap, int n) {
    for (int o = 0; o < n; o++) {
      y[to + o] += x[from + o] * w[tap + o];
    }
  }

  private static Image addBias(Image y, double... bias) {
    for (int i = 0; i < y.a().length; i++) {
      y.a()[i] += bias[i % y.c()];
    }
    return y;
  }

  Image norm(Image x, String name) {
    double[] gamma = get(name + ".weight");
    double[] beta = get(name + ".bias");
    double[] mean = get(name + ".running_mean");
    double[] var = get(name + ".running_var");
    Image y = new Image(x.h(), x.w(), x.c());
    for (int i = 0; i < y.a().length; i++) {
      int c = i % x.c();
      y.a()[i] = gamma[c] * (x.a()[i] - mean[c]) / Math.sqrt(var[c] + eps) + beta[c];
    }
    return y;
  }

  static Image relu(Image x) {
    return new Image(x.h(), x.w(), x.c(), Arrays.stream(x.a()).map(v -> Math.max(v, 0)).toArray());
  }

  static Image add(Image x, Image y) {
    double[] sum = x.a().clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += y.a()[i];
    }
    return new Image(x.h(), x.w(), x.c(), sum);
  }

  /** Channels one after another. */
  static Image concat(Image... parts) {
    int channels = Arrays.stream(parts).mapToInt(Image::c).sum();
    Image y = new Image(parts[0].h(), parts[0].w(), channels);
    int pixels = y.h() * y.w();
    int at = 0;
    for (int p = 0; p < pixels; p++) {
      for (Image part : parts) {
        System.arraycopy(part.a(), p * part.c(), y.a(), at, part.c());
        at += part.c();
      }
    }
    return y;
  }

  static Image maxPool(Image x, int kernel, int stride, int pad) {
    return pool(x, kernel, stride, pad, true);
  }

  /** The mean, of zeros where the window is over the edge. */
  static Image avgPool(Image x, int kernel, int stride, int pad) {
    return pool(x, kernel, stride, pad, false);
  }

  private static Image pool(Image x, int kernel, int stride, int pad, boolean max) {
    Image y =
        new Image(
            (x.h() + 2 * pad - kernel) / stride + 1,
            (x.w() + 2 * pad - kernel) / stride + 1,
            x.c());
    int at = 0;
    for (int p = 0; p < y.h(); p++) {
      for (int q = 0; q < y.w(); q++) {
        for (int c = 0; c < x.c(); c++) {
          double sum = 0;
          double most = Double.NEGATIVE_INFINITY;
          for (int i = 0; i < kernel; i++) {
            for (int j = 0; j < kernel; j++) {
              if (x.has(p * stride - pad + i, q * stride - pad + j)) {
                double v = x.at(p * stride - pad + i, q * stride - pad + j, c);
                sum += v;
                most = Math.max(most, v);
              }
            }
          }
          y.a()[at++] = max ? most : sum / (kernel * kernel);
        }
      }
    }
    return y;
  }

  /** Region r of n of an axis of extent e: from r e / n, rounded down, to (r + 1) e / n, up. */
  static Image adaptiveAvgPool(Image x, int n) {
    Image y = new Image(n, n, x.c());
    for (int p = 0; p < n; p++) {
      for (int q = 0; q < n; q++) {
        int bottom = ((p + 1) * x.h() + n - 1) / n;
        int right = ((q + 1) * x.w() + n - 1) / n;
        for (int c = 0; c < x.c(); c++) {
          double sum = 0;
          int count = 0;
          for (int row = p * x.h() / n; row < bottom; row++) {
            for (int column = q * x.w() / n; column < right; column++) {
              sum += x.at(row, column, c);
              count++;
            }
          }
          y.a()[(p * n + q) * x.c() + c] = sum / count;
        }
      }
    }
    return y;
  }

  /** Of all numbers in their order: rows, columns, channels. */
  Image linear(Image x, String name) {
    double[] w = get(name + ".weight");
    double[] y = get(name + ".bias").clone();
    int in = x.a().length;
    for (int o = 0; o < y.length; o++) {
      for (int i = 0; i < in; i++) {
        y[o] += w[o * in + i] * x.a()[i];
      }
    }
    return new Image(1, 1, y.length, y);
  }
}
