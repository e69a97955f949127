package dev.tilework.cpu;

import static dev.tilework.cpu.Tile.broadcast;
import static dev.tilework.cpu.Tile.load;
import static dev.tilework.cpu.Tile.store;

import jdk.incubator.vector.FloatVector;

/**
 * The tile whose rows are neighbours in memory and whose right factor is read in place: row i, step
 * k of the left factor is at {@code a + k * aStep + 4 * i}, the right factor's row k at {@code b +
 * k * bStep}; both jump after every {@code trip} steps. {@link Tile} says how these methods are
 * written and why.
 */
final class OuterTile {
  private OuterTile() {}

  static void run(
      int rows,
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
    switch (rows) {
      case 1 -> rows1(steps, trip, a, aStep, aJump, b, bStep, bJump, o, ldo);
      case 2 -> rows2(steps, trip, a, aStep, aJump, b, bStep, bJump, o, ldo);
      case 3 -> rows3(steps, trip, a, aStep, aJump, b, bStep, bJump, o, ldo);
      case 4 -> rows4(steps, trip, a, aStep, aJump, b, bStep, bJump, o, ldo);
      case 5 -> rows5(steps, trip, a, aStep, aJump, b, bStep, bJump, o, ldo);
      case 6 -> rows6(steps, trip, a, aStep, aJump, b, bStep, bJump, o, ldo);
      default -> throw new IllegalArgumentException("a tile of " + rows + " rows");
    }
  }

  private static void rows1(
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    int left = trip;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Tile.ADDRESS;
      final long y = a & Tile.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      b += bStep;
      a += aStep;
      if (--left == 0) {
        left = trip;
        b += bJump;
        a += aJump;
      }
    }
    o &= Tile.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
  }

  private static void rows2(
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    int left = trip;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Tile.ADDRESS;
      final long y = a & Tile.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      if (y == 1) {
        break;
      }
      v = broadcast(y + 4);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      b += bStep;
      a += aStep;
      if (--left == 0) {
        left = trip;
        b += bJump;
        a += aJump;
      }
    }
    o &= Tile.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
  }

  private static void rows3(
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    int left = trip;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Tile.ADDRESS;
      final long y = a & Tile.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + 4);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(y + 8);
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      b += bStep;
      a += aStep;
      if (--left == 0) {
        left = trip;
        b += bJump;
        a += aJump;
      }
    }
    o &= Tile.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
    store(c2, o + 2 * ldo);
    store(d2, o + 2 * ldo + Simd.BYTES);
  }

  private static void rows4(
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    FloatVector c3 = FloatVector.zero(Simd.S);
    FloatVector d3 = FloatVector.zero(Simd.S);
    int left = trip;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Tile.ADDRESS;
      final long y = a & Tile.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + 4);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(y + 8);
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      v = broadcast(y + 12);
      c3 = v.fma(w0, c3);
      d3 = v.fma(w1, d3);
      b += bStep;
      a += aStep;
      if (--left == 0) {
        left = trip;
        b += bJump;
        a += aJump;
      }
    }
    o &= Tile.ADDRESS;
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
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
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
    int left = trip;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Tile.ADDRESS;
      final long y = a & Tile.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + 4);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(y + 8);
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      v = broadcast(y + 12);
      c3 = v.fma(w0, c3);
      d3 = v.fma(w1, d3);
      if (y == 2) {
        break;
      }
      v = broadcast(y + 16);
      c4 = v.fma(w0, c4);
      d4 = v.fma(w1, d4);
      b += bStep;
      a += aStep;
      if (--left == 0) {
        left = trip;
        b += bJump;
        a += aJump;
      }
    }
    o &= Tile.ADDRESS;
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
      int steps,
      int trip,
      long a,
      long aStep,
      long aJump,
      long b,
      long bStep,
      long bJump,
      long o,
      long ldo) {
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
    int left = trip;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Tile.ADDRESS;
      final long y = a & Tile.ADDRESS;
      FloatVector w0 = load(wk);
      FloatVector w1 = load(wk + Simd.BYTES);
      FloatVector v;
      v = broadcast(y);
      c0 = v.fma(w0, c0);
      d0 = v.fma(w1, d0);
      v = broadcast(y + 4);
      c1 = v.fma(w0, c1);
      d1 = v.fma(w1, d1);
      if (y == 1) {
        break;
      }
      v = broadcast(y + 8);
      c2 = v.fma(w0, c2);
      d2 = v.fma(w1, d2);
      v = broadcast(y + 12);
      c3 = v.fma(w0, c3);
      d3 = v.fma(w1, d3);
      if (y == 2) {
        break;
      }
      v = broadcast(y + 16);
      c4 = v.fma(w0, c4);
      d4 = v.fma(w1, d4);
      v = broadcast(y + 20);
      c5 = v.fma(w0, c5);
      d5 = v.fma(w1, d5);
      b += bStep;
      a += aStep;
      if (--left == 0) {
        left = trip;
        b += bJump;
        a += aJump;
      }
    }
    o &= Tile.ADDRESS;
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
