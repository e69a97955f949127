package dev.tilework.cpu;

import static dev.tilework.cpu.Tile.broadcast;
import static dev.tilework.cpu.Tile.load;
import static dev.tilework.cpu.Tile.store;

import jdk.incubator.vector.FloatVector;

/**
 * The tile whose rows begin anywhere: for each tap a table holds the addresses of {@link
 * Tile#TABLE_ROWS} rows. With six rows C2 keeps an accumulator in memory, hence five. {@link Tile}
 * says how these methods are written and why.
 */
final class TableTile {
  private TableTile() {}

  /**
   * Runs over taps, and in each over {@code trip} steps.
   *
   * @param table addresses, those of tap t from {@code at + t * TABLE_ROWS} on
   * @param offset bytes to add to each address
   * @param jump bytes of the panel to pass over after each tap
   */
  static void run(
      int rows,
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long jump,
      long o,
      long ldo) {
    switch (rows) {
      case 1 -> rows1(taps, trip, table, at, offset, w, Tile.PANEL_STEP, jump, o, ldo);
      case 2 -> rows2(taps, trip, table, at, offset, w, Tile.PANEL_STEP, jump, o, ldo);
      case 3 -> rows3(taps, trip, table, at, offset, w, Tile.PANEL_STEP, jump, o, ldo);
      case 4 -> rows4(taps, trip, table, at, offset, w, Tile.PANEL_STEP, jump, o, ldo);
      case 5 -> rows5(taps, trip, table, at, offset, w, Tile.PANEL_STEP, jump, o, ldo);
      default -> throw new IllegalArgumentException("a tile of " + rows + " rows");
    }
  }

  private static void rows1(
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long panelStep,
      long jump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    taps:
    for (int t = 0; t < taps; t++) {
      final long p0 = (table[at] + offset) & Simd.ADDRESS;
      at += Tile.TABLE_ROWS;
      for (int k = 0; k < trip; k++) {
        final long wk = w & Simd.ADDRESS;
        final long q = (long) k << 2;
        FloatVector w0 = load(wk);
        FloatVector w1 = load(wk + Simd.BYTES);
        FloatVector v;
        v = broadcast(p0 + q);
        c0 = v.fma(w0, c0);
        d0 = v.fma(w1, d0);
        w += panelStep;
      }
      w += jump;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
  }

  private static void rows2(
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long panelStep,
      long jump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    taps:
    for (int t = 0; t < taps; t++) {
      final long p0 = (table[at] + offset) & Simd.ADDRESS;
      final long p1 = (table[at + 1] + offset) & Simd.ADDRESS;
      at += Tile.TABLE_ROWS;
      for (int k = 0; k < trip; k++) {
        final long wk = w & Simd.ADDRESS;
        final long q = (long) k << 2;
        FloatVector w0 = load(wk);
        FloatVector w1 = load(wk + Simd.BYTES);
        FloatVector v;
        v = broadcast(p0 + q);
        c0 = v.fma(w0, c0);
        d0 = v.fma(w1, d0);
        if (wk == 1) {
          break taps;
        }
        v = broadcast(p1 + q);
        c1 = v.fma(w0, c1);
        d1 = v.fma(w1, d1);
        w += panelStep;
      }
      w += jump;
    }
    o &= Simd.ADDRESS;
    ldo &= Tile.STRIDE;
    store(c0, o);
    store(d0, o + Simd.BYTES);
    store(c1, o + ldo);
    store(d1, o + ldo + Simd.BYTES);
  }

  private static void rows3(
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long panelStep,
      long jump,
      long o,
      long ldo) {
    FloatVector c0 = FloatVector.zero(Simd.S);
    FloatVector d0 = FloatVector.zero(Simd.S);
    FloatVector c1 = FloatVector.zero(Simd.S);
    FloatVector d1 = FloatVector.zero(Simd.S);
    FloatVector c2 = FloatVector.zero(Simd.S);
    FloatVector d2 = FloatVector.zero(Simd.S);
    taps:
    for (int t = 0; t < taps; t++) {
      final long p0 = (table[at] + offset) & Simd.ADDRESS;
      final long p1 = (table[at + 1] + offset) & Simd.ADDRESS;
      final long p2 = (table[at + 2] + offset) & Simd.ADDRESS;
      at += Tile.TABLE_ROWS;
      for (int k = 0; k < trip; k++) {
        final long wk = w & Simd.ADDRESS;
        final long q = (long) k << 2;
        FloatVector w0 = load(wk);
        FloatVector w1 = load(wk + Simd.BYTES);
        FloatVector v;
        v = broadcast(p0 + q);
        c0 = v.fma(w0, c0);
        d0 = v.fma(w1, d0);
        v = broadcast(p1 + q);
        c1 = v.fma(w0, c1);
        d1 = v.fma(w1, d1);
        if (wk == 1) {
          break taps;
        }
        v = broadcast(p2 + q);
        c2 = v.fma(w0, c2);
        d2 = v.fma(w1, d2);
        w += panelStep;
      }
      w += jump;
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
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long panelStep,
      long jump,
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
    taps:
    for (int t = 0; t < taps; t++) {
      final long p0 = (table[at] + offset) & Simd.ADDRESS;
      final long p1 = (table[at + 1] + offset) & Simd.ADDRESS;
      final long p2 = (table[at + 2] + offset) & Simd.ADDRESS;
      final long p3 = (table[at + 3] + offset) & Simd.ADDRESS;
      at += Tile.TABLE_ROWS;
      for (int k = 0; k < trip; k++) {
        final long wk = w & Simd.ADDRESS;
        final long q = (long) k << 2;
        FloatVector w0 = load(wk);
        FloatVector w1 = load(wk + Simd.BYTES);
        FloatVector v;
        v = broadcast(p0 + q);
        c0 = v.fma(w0, c0);
        d0 = v.fma(w1, d0);
        v = broadcast(p1 + q);
        c1 = v.fma(w0, c1);
        d1 = v.fma(w1, d1);
        if (wk == 1) {
          break taps;
        }
        v = broadcast(p2 + q);
        c2 = v.fma(w0, c2);
        d2 = v.fma(w1, d2);
        v = broadcast(p3 + q);
        c3 = v.fma(w0, c3);
        d3 = v.fma(w1, d3);
        w += panelStep;
      }
      w += jump;
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
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long panelStep,
      long jump,
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
    taps:
    for (int t = 0; t < taps; t++) {
      final long p0 = (table[at] + offset) & Simd.ADDRESS;
      final long p1 = (table[at + 1] + offset) & Simd.ADDRESS;
      final long p2 = (table[at + 2] + offset) & Simd.ADDRESS;
      final long p3 = (table[at + 3] + offset) & Simd.ADDRESS;
      final long p4 = (table[at + 4] + offset) & Simd.ADDRESS;
      at += Tile.TABLE_ROWS;
      for (int k = 0; k < trip; k++) {
        final long wk = w & Simd.ADDRESS;
        final long q = (long) k << 2;
        FloatVector w0 = load(wk);
        FloatVector w1 = load(wk + Simd.BYTES);
        FloatVector v;
        v = broadcast(p0 + q);
        c0 = v.fma(w0, c0);
        d0 = v.fma(w1, d0);
        v = broadcast(p1 + q);
        c1 = v.fma(w0, c1);
        d1 = v.fma(w1, d1);
        if (wk == 1) {
          break taps;
        }
        v = broadcast(p2 + q);
        c2 = v.fma(w0, c2);
        d2 = v.fma(w1, d2);
        v = broadcast(p3 + q);
        c3 = v.fma(w0, c3);
        d3 = v.fma(w1, d3);
        if (wk == 2) {
          break taps;
        }
        v = broadcast(p4 + q);
        c4 = v.fma(w0, c4);
        d4 = v.fma(w1, d4);
        w += panelStep;
      }
      w += jump;
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
}
