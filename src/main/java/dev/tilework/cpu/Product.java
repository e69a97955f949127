package dev.tilework.cpu;

/**
 * The product of a matrix read in place, row by row, with packed panels: the core of matrix
 * products, of 1x1 convolutions and of Winograd's.
 */
final class Product {
  private static final long BLOCK_BYTES = 128 << 10;
  private static final int DEPTH = 1024;

  private Product() {}

  /**
   * {@code c = a * b}, on all processors.
   *
   * @param a address of the left factor
   * @param lda bytes from one of its rows to the next
   * @param m its rows
   * @param k its columns
   * @param b packed panels of k rows
   * @param n columns of the result
   * @param c address of the result
   * @param ldc bytes from one of its rows to the next
   */
  static void run(
      long a, long lda, int m, int k, long b, int n, long c, long ldc, Epilogue epilogue) {
    int tiles = (m + Tile.ROWS - 1) / Tile.ROWS;
    int block = Math.clamp(BLOCK_BYTES / (4L * Tile.ROWS * k), 4, 256);
    int blocks = (tiles + block - 1) / block;
    int panels = Panels.count(n);
    int groups = Math.clamp((4L * Parallel.THREADS + blocks - 1) / blocks, 1, panels);
    Parallel.run(
        blocks * groups,
        i -> {
          int q = i / groups;
          int p = i % groups;
          int first = row(m, tiles, q * block);
          int last = row(m, tiles, Math.min(tiles, (q + 1) * block));
          block(
              a + first * lda,
              lda,
              last - first,
              k,
              b,
              n,
              p * panels / groups,
              (p + 1) * panels / groups,
              c + first * ldc,
              ldc,
              epilogue);
        });
  }

  private static int row(int m, int tiles, int tile) {
    return (int) ((long) m * tile / tiles);
  }

  /** The product for some rows and panels, in the calling thread. */
  static void block(
      long a,
      long lda,
      int m,
      int k,
      long b,
      int n,
      int firstPanel,
      int lastPanel,
      long c,
      long ldc,
      Epilogue epilogue) {
    int tiles = (m + Tile.ROWS - 1) / Tile.ROWS;
    long panelBytes = Panels.panelBytes(k);
    int parts = Math.max(1, (k + DEPTH - 1) / DEPTH);
    for (int part = 0; part < parts; part++) {
      int k0 = (int) ((long) k * part / parts);
      int k1 = (int) ((long) k * (part + 1) / parts);
      for (int p = firstPanel; p < lastPanel; p++) {
        int column = p * Tile.COLUMNS;
        int width = Math.min(Tile.COLUMNS, n - column);
        long w = b + p * panelBytes + 4L * k0 * Tile.COLUMNS;
        for (int t = 0; t < tiles; t++) {
          int first = row(m, tiles, t);
          int rows = row(m, tiles, t + 1) - first;
          long o = c + first * ldc + 4L * column;
          Tile.strided(rows, k1 - k0, a + first * lda + 4L * k0, lda, w, o, ldc, width, part > 0);
          if (part == parts - 1) {
            epilogue.apply(o, ldc, rows, column, width);
          }
        }
      }
    }
  }
}
