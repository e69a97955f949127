package dev.tilework.cpu;

import static dev.tilework.cpu.Tile.broadcast;
import static dev.tilework.cpu.Tile.load;
import static dev.tilework.cpu.Tile.store;

import jdk.incubator.vector.FloatVector;

/**
 * The tile whose rows are evenly spaced in memory: row i, step k of the left factor is at {@code a
 * + i * lda + 4 * k}. {@link Tile} says how these methods are written and why.
 */
final class StridedTile {
  private StridedTile() {}

  static void run(int rows, int steps, long a, long lda, long w, long o, long ldo) {
    switch (rows) {
      case 1 -> rows1(steps, a, 4, lda, w, Tile.PANEL_STEP, o, ldo);
      case 2 -> rows2(steps, a, 4, lda, w, Tile.PANEL_STEP, o, ldo);
      case 3 -> rows3(steps, a, 4, lda, w, Tile.PANEL_STEP, o, ldo);
      case 4 -> rows4(steps, a, 4, lda, w, Tile.PANEL_STEP, o, ldo);
      case 5 -> rows5(steps, a, 4, lda, w, Tile.PANEL_STEP, o, ldo);
      case 6 -> rows6(steps, a, 4, lda, w, Tile.PANEL_STEP, o, ldo);
      default -> throw new IllegalArgumentException("a tile of " + rows + " rows");
    }
  }

  private static void rows1(
      int steps, long a, long step, long lda, long w, long panelStep, long o, long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    for (int k = 0; k < steps; k++) {
      final long wk = w & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      w += panelStep;
      a += step;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
  }

  private static void rows2(
      int steps, long a, long step, long lda, long w, long panelStep, long o, long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    final long half = lda & Tile.STRIDE;
    for (int k = 0; k < steps; k++) {
      final long wk = w & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
      final long z = y + half;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      if (y == 1) {
        break;
      }
      v = broadcast(z);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      w += panelStep;
      a += step;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
  }

  private static void rows3(
      int steps, long a, long step, long lda, long w, long panelStep, long o, long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    final long s1 = lda & Tile.STRIDE;
    final long half = (2 * lda) & Tile.STRIDE;
    for (int k = 0; k < steps; k++) {
      final long wk = w & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
      final long z = y + half;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + s1);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(z);
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      w += panelStep;
      a += step;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
    store(c2, o + 2 * ldo);
    store(d2, o + 2 * ldo + Simd.BYTES);
  }

  private static void rows4(
      int steps, long a, long step, long lda, long w, long panelStep, long o, long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    FloatVector c3 = FloatVector.zero(Simd.S);
    FloatVector d3 = FloatVector.zero(Simd.S);
    final long s1 = lda & Tile.STRIDE;
    final long half = (2 * lda) & Tile.STRIDE;
    for (int k = 0; k < steps; k++) {
      final long wk = w & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
      final long z = y + half;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + s1);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(z);
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      v = broadcast(z + s1);
      c3 = v.fma(w0, c3);
      d3 = v.fma(w1, d3);
      w += panelStep;
      a += step;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
    store(c2, o + 2 * ldo);
    store(d2, o + 2 * ldo + Simd.BYTES);
    store(c3, o + 3 * ldo);
    store(d3, o + 3 * ldo + Simd.BYTES);
  }

  private static void rows5(
      int steps, long a, long step, long lda, long w, long panelStep, long o, long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    FloatVector c3 = FloatVector.zero(Simd.S);
    FloatVector d3 = FloatVector.zero(Simd.S);
    FloatVector c4 = FloatVector.zero(Simd.S);
    FloatVector d4 = FloatVector.zero(Simd.S);
    final long s1 = lda & Tile.STRIDE;
    final long half = (3 * lda) & Tile.STRIDE;
    for (int k = 0; k < steps; k++) {
      final long wk = w & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
      final long z = y + half;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + s1);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(y + (s1 << 1));
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      v = broadcast(z);
      c3 = v.fma(w0, c3);
      d3 = v.fma(w1, d3);
      if (y == 2) {
        break;
      }
      v = broadcast(z + s1);
      c4 = v.fma(w0, c4);
      d4 = v.fma(w1, d4);
      w += panelStep;
      a += step;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
    store(c2, o + 2 * ldo);
    store(d2, o + 2 * ldo + Simd.BYTES);
    store(c3, o + 3 * ldo);
    store(d3, o + 3 * ldo + Simd.BYTES);
    store(c4, o + 4 * ldo);
    store(d4, o + 4 * ldo + Simd.BYTES);
  }

  private static void rows6(
      int steps, long a, long step, long lda, long w, long panelStep, long o, long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    FloatVector c3 = FloatVector.zero(Simd.S);
    FloatVector d3 = FloatVector.zero(Simd.S);
    FloatVector c4 = FloatVector.zero(Simd.S);
    FloatVector d4 = FloatVector.zero(Simd.S);
    FloatVector c5 = FloatVector.zero(Simd.S);
    FloatVector d5 = FloatVector.zero(Simd.S);
    final long s1 = lda & Tile.STRIDE;
    final long half = (3 * lda) & Tile.STRIDE;
    for (int k = 0; k < steps; k++) {
      final long wk = w & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
      final long z = y + half;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + s1);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(y + (s1 << 1));
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      v = broadcast(z);
      c3 = v.fma(w0, c3);
      d3 = v.fma(w1, d3);
      if (y == 2) {
        break;
      }
      v = broadcast(z + s1);
      c4 = v.fma(w0, c4);
      d4 = v.fma(w1, d4);
      v = broadcast(z + (s1 << 1));
      c5 = v.fma(w0, c5);
      d5 = v.fma(w1, d5);
      w += panelStep;
      a += step;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
    store(c2, o + 2 * ldo);
    store(d2, o + 2 * ldo + Simd.BYTES);
    store(c3, o + 3 * ldo);
    store(d3, o + 3 * ldo + Simd.BYTES);
    store(c4, o + 4 * ldo);
    store(d4, o + 4 * ldo + Simd.BYTES);
    store(c5, o + 5 * ldo);
    store(d5, o + 5 * ldo + Simd.BYTES);
  }
}
