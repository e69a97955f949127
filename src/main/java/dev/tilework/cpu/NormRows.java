package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The element-wise passes of batch normalization over one row. Tables hold what is given per
 * column, {@code pitch} bytes each; an address of 0 means that there is no such operand.
 */
final class NormRows {
  private NormRows() {}

  /** Bytes of a table for one row. */
  static long pitch(Period p) {
    return 4L * p.padded();
  }

  /** y = relu((x - mean) * scale + shift + residual), the tables in that order. */
  static void forward(long x, long table, long pitch, long residual, boolean relu, long y, int n) {
    int whole = Simd.whole(n);
    if (residual == 0) {
      plain(x, table, pitch, relu, y, whole);
    } else {
      added(x, table, pitch, residual, relu, y, whole);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      long at = 4L * whole;
      FloatVector v = normalized(Simd.load(x + at, m), table + at, pitch);
      if (residual != 0) {
        v = v.add(Simd.load(residual + at, m));
      }
      Simd.store(relu ? rectified(v) : v, y + at, m);
    }
  }

  private static FloatVector normalized(FloatVector x, long table, long pitch) {
    FloatVector d = x.sub(Simd.load(table));
    return d.fma(Simd.load(table + pitch), Simd.load(table + 2 * pitch));
  }

  private static FloatVector rectified(FloatVector v) {
    return v.blend(0, v.compare(VectorOperators.LE, 0));
  }

  private static void plain(long x, long table, long pitch, boolean relu, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      FloatVector v = normalized(Simd.load(x + at), table + at, pitch);
      Simd.store(relu ? rectified(v) : v, y + at);
    }
  }

  private static void added(
      long x, long table, long pitch, long residual, boolean relu, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      FloatVector v = normalized(Simd.load(x + at), table + at, pitch);
      v = v.add(Simd.load(residual + at));
      Simd.store(relu ? rectified(v) : v, y + at);
    }
  }

  /** dy where y is above 0, else 0. */
  static FloatVector masked(FloatVector dy, FloatVector y) {
    return FloatVector.zero(Simd.S).blend(dy, y.compare(VectorOperators.GT, 0));
  }

  /**
   * dx = a dz + b + d (x - mean), dz being dy where y is above 0; the tables are mean, a, b and d.
   * dz is also the gradient to the residual.
   */
  static void backward(
      long dy, long x, long y, long table, long pitch, long dx, long residual, int n) {
    int whole = Simd.whole(n);
    if (y == 0) {
      backward(dy, x, table, pitch, dx, residual, whole);
    } else {
      backwardRelu(dy, x, y, table, pitch, dx, residual, whole);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      long at = 4L * whole;
      FloatVector dz = Simd.load(dy + at, m);
      if (y != 0) {
        dz = masked(dz, Simd.load(y + at, m));
      }
      Simd.store(backward(dz, Simd.load(x + at, m), table + at, pitch), dx + at, m);
      if (residual != 0) {
        Simd.store(dz, residual + at, m);
      }
    }
  }

  private static FloatVector backward(FloatVector dz, FloatVector x, long table, long pitch) {
    FloatVector d = x.sub(Simd.load(table));
    FloatVector s = d.fma(Simd.load(table + 3 * pitch), Simd.load(table + 2 * pitch));
    return dz.fma(Simd.load(table + pitch), s);
  }

  private static void backward(
      long dy, long x, long table, long pitch, long dx, long residual, int n) {
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      FloatVector dz = Simd.load(dy + at);
      Simd.store(backward(dz, Simd.load(x + at), table + at, pitch), dx + at);
      if (residual != 0) {
        Simd.store(dz, residual + at);
      }
    }
  }

  private static void backwardRelu(
      long dy, long x, long y, long table, long pitch, long dx, long residual, int n) {
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      FloatVector dz = masked(Simd.load(dy + at), Simd.load(y + at));
      Simd.store(backward(dz, Simd.load(x + at), table + at, pitch), dx + at);
      if (residual != 0) {
        Simd.store(dz, residual + at);
      }
    }
  }

  /** dx = a dz, where the statistics are constants. */
  static void scale(long dy, long y, long a, long dx, long residual, int n) {
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      if (i + LANES <= n) {
        FloatVector dz = Simd.load(dy + at);
        if (y != 0) {
          dz = masked(dz, Simd.load(y + at));
        }
        Simd.store(dz.mul(Simd.load(a + at)), dx + at);
        if (residual != 0) {
          Simd.store(dz, residual + at);
        }
      } else {
        VectorMask<Float> m = Simd.first(n - i);
        FloatVector dz = Simd.load(dy + at, m);
        if (y != 0) {
          dz = masked(dz, Simd.load(y + at, m));
        }
        Simd.store(dz.mul(Simd.load(a + at)), dx + at, m);
        if (residual != 0) {
          Simd.store(dz, residual + at, m);
        }
      }
    }
  }
}
