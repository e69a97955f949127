package dev.tilework.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * The innermost kernels: a tile of a matrix product, up to six rows by two vectors of columns,
 * whose sums stay in registers. They differ in how the left factor is read ({@link StridedTile},
 * {@link TableTile}, {@link OuterTile}).
 *
 * <p>How they are written follows from what C2 does with them; the shares are of the multiply-add
 * peak of a processor with 16 vector registers:
 *
 * <ul>
 *   <li>Within a basic block C2 moves all loads ahead of the arithmetic and runs out of registers
 *       (35 to 45%). A branch that is never taken, every two rows, cuts the block (95 to 99%). The
 *       constants it compares with are never valid addresses.
 *   <li>An address masked with {@link Simd#ADDRESS} is known to lie within the segment of all
 *       memory, which removes its bounds check.
 *   <li>Strides are parameters: a constant one makes C2 multiply the counter instead of adding.
 *   <li>A method that is too large is compiled with vectors as objects (5 to 14%). So the kernels
 *       only store; sums over several calls are added by {@link #addTo}.
 *   <li>Each accumulator begins with a zero of its own, or C2 may box the shared one.
 * </ul>
 */
final class Tile {
  /** Rows of a strided or outer tile. */
  static final int ROWS = 6;

  /** Rows of a table tile. */
  static final int TABLE_ROWS = 5;

  /** Columns of a tile. */
  static final int COLUMNS = 2 * Simd.LANES;

  /** Bytes from a panel's row to the next. */
  static final long PANEL_STEP = 4L * COLUMNS;

  /** Bytes from a step to the next in a packed left factor. */
  static final long LEFT_STEP = 4L * ROWS;

  static final long STRIDE = 0x7FFFFFFFL;

  private static final int SCRATCH_SLOT = 3;

  private Tile() {}

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(Simd.S, Simd.ALL, address, Simd.ORDER);
  }

  static void store(FloatVector v, long address) {
    v.intoMemorySegment(Simd.ALL, address, Simd.ORDER);
  }

  static FloatVector broadcast(long address) {
    return FloatVector.broadcast(Simd.S, Simd.ALL.get(Simd.FLOAT, address));
  }

  /** A tile of sums for the calling thread, for results that are added or cut off at the right. */
  private static long scratch() {
    return Scratch.get(SCRATCH_SLOT, ROWS * PANEL_STEP);
  }

  /** See {@link StridedTile}; writes {@code width} columns, adding where {@code add}. */
  static void strided(
      int rows, int steps, long a, long lda, long w, long o, long ldo, int width, boolean add) {
    if (!add && width == COLUMNS) {
      StridedTile.run(rows, steps, a, lda, w, o, ldo);
    } else {
      long t = scratch();
      StridedTile.run(rows, steps, a, lda, w, t, PANEL_STEP);
      deliver(rows, t, o, ldo, width, add);
    }
  }

  /** See {@link TableTile}; writes {@code width} columns, adding where {@code add}. */
  static void table(
      int rows,
      int taps,
      int trip,
      long[] table,
      int at,
      long offset,
      long w,
      long jump,
      long o,
      long ldo,
      int width,
      boolean add) {
    if (!add && width == COLUMNS) {
      TableTile.run(rows, taps, trip, table, at, offset, w, jump, o, ldo);
    } else {
      long t = scratch();
      TableTile.run(rows, taps, trip, table, at, offset, w, jump, t, PANEL_STEP);
      deliver(rows, t, o, ldo, width, add);
    }
  }

  /** See {@link OuterTile}; adds {@code rows} rows of {@code width} columns. */
  static void outer(
      int rows,
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
      long ldo,
      int width) {
    long t = scratch();
    OuterTile.run(steps, trip, runs, a, aJump, aLeap, b, bStep, bJump, bLeap, t, PANEL_STEP);
    deliver(rows, t, o, ldo, width, true);
  }

  private static void deliver(int rows, long t, long o, long ldo, int width, boolean add) {
    if (add && width == COLUMNS) {
      addTo(rows, t, o, ldo);
      return;
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < width; c++) {
        long at = o + r * ldo + 4L * c;
        float v = Simd.getFloat(t + r * PANEL_STEP + 4L * c);
        Simd.putFloat(at, add ? Simd.getFloat(at) + v : v);
      }
    }
  }

  private static void addTo(int rows, long t, long o, long ldo) {
    for (int r = 0; r < rows; r++) {
      store(load(o).add(load(t)), o);
      store(load(o + Simd.BYTES).add(load(t + Simd.BYTES)), o + Simd.BYTES);
      t += PANEL_STEP;
      o += ldo;
    }
  }
}
