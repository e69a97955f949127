package dev.tilework.cuda;

/**
 * How many blocks run, and of how many threads each; x is the axis along which neighbours should
 * touch neighbouring memory.
 */
record Grid(int x, int y, int z, int threadsX, int threadsY) {
  /** The most blocks along y and z. */
  static final int MOST = 65535;

  private static final int LINEAR = 256;

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
    return linear(results * 32);
  }

  /** Blocks of 32 columns and eight rows. */
  static Grid columns(int columns, int y, int z) {
    return new Grid(Math.ceilDiv(columns, 32), y, z, 32, 8);
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
