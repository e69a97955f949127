package dev.tilework.bench;

import dev.tilework.kernels.ConvGeometry;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Checks some elements of a convolution's result against sums in double precision, as a whole
 * reference of a large layer takes minutes: the corners of the result and elements drawn at random.
 * The tests compare whole results, of smaller layers.
 */
public final class Validation {
  private static final int ELEMENTS = 256;
  private static final int PRODUCT_ELEMENTS = 16;

  /**
   * The error allowed relative to the root of the sum of squared products, the size that such a sum
   * of random signs has: float32 rounds to 6e-8, sums of thousands of terms and Winograd's
   * transforms make that up to a hundred times more.
   */
  public static final double TOLERANCE = 1e-4;

  private Validation() {}

  /** A sum of products in double precision. */
  private static final class Sum {
    double value;
    double squares;

    void add(double a, double b) {
      value += a * b;
      squares += a * a * b * b;
    }
  }

  /**
   * Compares a result of single precision.
   *
   * @throws IllegalStateException where an element is off
   */
  public static void check(Pass pass, ConvGeometry g, float[] a, float[] b, float[] result) {
    check(pass, g, a, b, result, TOLERANCE);
  }

  /**
   * Compares a result.
   *
   * @param tolerance the error allowed relative to the root of the sum of squared products
   * @throws IllegalStateException where an element is off
   */
  static void check(
      Pass pass, ConvGeometry g, float[] a, float[] b, float[] result, double tolerance) {
    if (g.dilationH() != 1 || g.dilationW() != 1) {
      throw new IllegalArgumentException("validation knows no dilation: " + g);
    }
    int n = result.length;
    IntStream random = new Random(7).ints(ELEMENTS, 0, n);
    int row = pass.result(g).dim(-1);
    IntStream.concat(IntStream.of(0, row - 1, n - row, n - 1), random)
        .parallel()
        .forEach(
            i -> {
              Sum s =
                  switch (pass) {
                    case FORWARD -> forward(g, a, b, i);
                    case DATA_GRAD -> dataGrad(g, a, b, i);
                    case WEIGHT_GRAD -> weightGrad(g, a, b, i);
                  };
              double error = Math.abs(result[i] - s.value);
              if (!(error <= tolerance * Math.sqrt(s.squares))) {
                throw new IllegalStateException(
                    "wrong result of "
                        + pass
                        + " for "
                        + g
                        + ": element "
                        + i
                        + " is "
                        + result[i]
                        + ", expected "
                        + s.value);
              }
            });
  }

  /**
   * Checks elements of a product of a matrix with a transposed one, at places drawn at random.
   *
   * @param m the rows of the result
   * @param n its columns
   * @param left gives a row of the first matrix
   * @param right gives a row of the second
   * @param result gives a row of the result
   * @param tolerance the error allowed relative to the root of the sum of squared products
   * @throws IllegalStateException where an element is off
   */
  public static void product(
      int m,
      int n,
      IntFunction<float[]> left,
      IntFunction<float[]> right,
      IntFunction<float[]> result,
      double tolerance) {
    Random random = new Random(3);
    for (int i = 0; i < PRODUCT_ELEMENTS; i++) {
      int row = random.nextInt(m);
      int column = random.nextInt(n);
      float[] a = left.apply(row);
      float[] b = right.apply(column);
      Sum s = new Sum();
      for (int j = 0; j < a.length; j++) {
        s.add(a[j], b[j]);
      }
      float got = result.apply(row)[column];
      if (!(Math.abs(got - s.value) <= tolerance * Math.sqrt(s.squares))) {
        throw new IllegalStateException(
            "wrong product: element "
                + row
                + ", "
                + column
                + " is "
                + got
                + ", expected "
                + s.value);
      }
    }
  }

  private static Sum forward(ConvGeometry g, float[] x, float[] w, int at) {
    int o = at % g.o();
    int q = at / g.o() % g.outW();
    int p = at / g.o() / g.outW() % g.outH();
    int n = at / g.o() / g.outW() / g.outH();
    int channels = g.c() / g.groups();
    int from = o / (g.o() / g.groups()) * channels;
    Sum s = new Sum();
    for (int i = 0; i < g.kernelH(); i++) {
      for (int j = 0; j < g.kernelW(); j++) {
        int xi = pixel(g, n, p * g.strideH() - g.padTop() + i, q * g.strideW() - g.padLeft() + j);
        for (int c = 0; xi >= 0 && c < channels; c++) {
          s.add(x[xi + from + c], w[weight(g, o, i, j) + c]);
        }
      }
    }
    return s;
  }

  private static Sum dataGrad(ConvGeometry g, float[] dy, float[] w, int at) {
    int c = at % g.c();
    int column = at / g.c() % g.w();
    int row = at / g.c() / g.w() % g.h();
    int n = at / g.c() / g.w() / g.h();
    int channels = g.c() / g.groups();
    int outputs = g.o() / g.groups();
    int from = c / channels * outputs;
    Sum s = new Sum();
    for (int i = 0; i < g.kernelH(); i++) {
      for (int j = 0; j < g.kernelW(); j++) {
        int yi = output(g, n, row + g.padTop() - i, column + g.padLeft() - j);
        for (int o = from; yi >= 0 && o < from + outputs; o++) {
          s.add(dy[yi + o], w[weight(g, o, i, j) + c % channels]);
        }
      }
    }
    return s;
  }

  private static Sum weightGrad(ConvGeometry g, float[] x, float[] dy, int at) {
    int channels = g.c() / g.groups();
    int j = at / channels % g.kernelW();
    int i = at / channels / g.kernelW() % g.kernelH();
    int o = at / channels / g.kernelW() / g.kernelH();
    int c = o / (g.o() / g.groups()) * channels + at % channels;
    Sum s = new Sum();
    for (int n = 0; n < g.n(); n++) {
      for (int p = 0; p < g.outH(); p++) {
        for (int q = 0; q < g.outW(); q++) {
          int xi = pixel(g, n, p * g.strideH() - g.padTop() + i, q * g.strideW() - g.padLeft() + j);
          if (xi >= 0) {
            s.add(x[xi + c], dy[((n * g.outH() + p) * g.outW() + q) * g.o() + o]);
          }
        }
      }
    }
    return s;
  }

  /** The place of a pixel of the images, or -1 outside of them. */
  private static int pixel(ConvGeometry g, int n, int row, int column) {
    boolean inside = row >= 0 && row < g.h() && column >= 0 && column < g.w();
    return inside ? ((n * g.h() + row) * g.w() + column) * g.c() : -1;
  }

  /** The place of the output pixel at a multiple of the stride, or -1 where there is none. */
  private static int output(ConvGeometry g, int n, int row, int column) {
    int p = Math.floorDiv(row, g.strideH());
    int q = Math.floorDiv(column, g.strideW());
    boolean is =
        p >= 0
            && p < g.outH()
            && q >= 0
            && q < g.outW()
            && p * g.strideH() == row
            && q * g.strideW() == column;
    return is ? ((n * g.outH() + p) * g.outW() + q) * g.o() : -1;
  }

  private static int weight(ConvGeometry g, int o, int i, int j) {
    return ((o * g.kernelH() + i) * g.kernelW() + j) * (g.c() / g.groups());
  }
}
