package dev.tilework.cpu;

import static dev.tilework.cpu.Tile.broadcast;
import static dev.tilework.cpu.Tile.load;
import static dev.tilework.cpu.Tile.store;

import jdk.incubator.vector.FloatVector;

/**
 * The tile whose left factor is packed step by step ({@link Tile#ROWS} floats each) and whose right
 * factor is packed too, but walked in runs: after {@code trip} steps, and again after {@code runs}
 * such runs, both jump. That is how a convolution's taps meet the pixels. {@link Tile} says how
 * this is written and why.
 */
final class OuterTile {
  private OuterTile() {}

  static void run(
      int steps,
      int trip,
      int runs,
      long a,
      long aJump,
      long aLeap,
      long b,
      long bStep,
      long bJump,
      long bLeap,
      long o,
      long ldo) {
    rows6(steps, trip, runs, a, Tile.LEFT_STEP, aJump, aLeap, b, bStep, bJump, bLeap, o, ldo);
  }

  private static void rows6(
      int steps,
      int trip,
      int runs,
      long a,
      long aStep,
      long aJump,
      long aLeap,
      long b,
      long bStep,
      long bJump,
      long bLeap,
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
    int runsLeft = runs;
    for (int k = 0; k < steps; k++) {
      final long wk = b & Simd.ADDRESS;
      final long y = a & Simd.ADDRESS;
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
        if (--runsLeft == 0) {
          runsLeft = runs;
          b += bLeap;
          a += aLeap;
        }
      }
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
