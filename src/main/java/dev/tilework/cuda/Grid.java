package dev.tilework.cuda;

/**
 * How many blocks run, and of how many threads each; x is the axis along which neighbours should
 * touch neighbouring memory.
 */
record Grid(int x, int y, int z, int threadsX, int threadsY) {
  private static final int LINEAR = 256;

  /** At least so many threads along x, which have to check that they are below that number. */
  static Grid linear(long threads) {
    return linear(threads, 1);
  }

  /** The same with blocks along y. */
  static Grid linear(long threads, int y) {
    return new Grid(Math.toIntExact((threads + LINEAR - 1) / LINEAR), y, 1, LINEAR, 1);
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
