package dev.tilework.cuda;

/**
 * How many blocks run, and of how many threads each; x is the axis along which neighbours should
 * touch neighbouring memory.
 */
record Grid(int x, int y, int z, int threadsX, int threadsY) {
  /** The most blocks along y and z. */
  static final int MOST = 65535;

  private static final int LINEAR = 256;
  private static final int WARP = 32;

  /** At least so many threads along x, which have to check that they are below that number. */
  static Grid linear(long threads) {
    int blocks = Math.toIntExact((threads + LINEAR - 1) / LINEAR);
    return new Grid(Math.max(1, blocks), 1, 1, LINEAR, 1);
  }

  /** A thread for every four elements. */
  static Grid fours(long elements) {
    return linear((elements + 3) / 4);
  }

  /** A warp for each of so many results. */
  static Grid warps(long results) {
    return linear(results * WARP);
  }

  /**
   * Blocks whose threads along x hold neighbouring columns, {@code width} each, and those along y
   * different rows; see columns.cuh. Where columns are few, more rows are read at a time.
   */
  static Grid columns(int columns, int width, int y, int z) {
    int packs = Math.ceilDiv(columns, width);
    int lanes = Math.min(WARP, Integer.highestOneBit(Math.max(1, 2 * packs - 1)));
    return new Grid(Math.ceilDiv(packs, lanes), y, z, lanes, LINEAR / lanes);
  }

  /** Blocks of 32 columns and 32 rows, which join the segments of another kernel's sums. */
  static Grid joining(int columns) {
    return new Grid(Math.ceilDiv(columns, WARP), 1, 1, WARP, WARP);
  }

  /** So many blocks of so many threads. */
  static Grid blocks(int threads, int x, int y, int z) {
    return new Grid(x, y, z, threads, 1);
  }

  @Override
  public String toString() {
    return x + "x" + y + "x" + z + " blocks of " + threadsX + "x" + threadsY;
  }
}
