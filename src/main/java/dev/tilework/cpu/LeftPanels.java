package dev.tilework.cpu;

/**
 * The left factor of a product whose sum runs over rows of memory: blocks of {@link Tile#ROWS}
 * columns, in each row by row, the last block filled up with zeros.
 */
final class LeftPanels {
  private LeftPanels() {}

  static int count(int columns) {
    return (columns + Tile.ROWS - 1) / Tile.ROWS;
  }

  /** Bytes of one block; each ends with room that packing may overwrite. */
  static long blockBytes(long rows) {
    return rows * Tile.LEFT_STEP;
  }

  /** Bytes of all blocks. */
  static long bytes(int columns, long rows) {
    return count(columns) * blockBytes(rows) + 2L * Simd.BYTES;
  }

  /**
   * Packs a matrix.
   *
   * @param from address of its first element
   * @param stride bytes from a row to the next
   */
  static void pack(long from, long stride, long rows, int columns, long to) {
    for (int block = 0; block < count(columns); block++) {
      int n = Math.min(Tile.ROWS, columns - block * Tile.ROWS);
      long source = from + block * Tile.LEFT_STEP;
      long target = to + block * blockBytes(rows);
      if (n == Tile.ROWS) {
        copy(source, stride, rows, target);
      } else {
        copyPart(source, stride, rows, n, target);
      }
    }
  }

  // Whole vectors are written; what they overwrite beyond their own floats is written later.
  private static void copy(long from, long stride, long rows, long to) {
    for (long r = 0; r < rows; r++) {
      for (int i = 0; i < Tile.ROWS; i += Simd.LANES) {
        Simd.store(Simd.load(from + 4L * i), to + 4L * i);
      }
      from += stride;
      to += Tile.LEFT_STEP;
    }
  }

  private static void copyPart(long from, long stride, long rows, int n, long to) {
    for (long r = 0; r < rows; r++) {
      for (int i = 0; i < Tile.ROWS; i++) {
        Simd.putFloat(to + 4L * i, i < n ? Simd.getFloat(from + 4L * i) : 0f);
      }
      from += stride;
      to += Tile.LEFT_STEP;
    }
  }
}
