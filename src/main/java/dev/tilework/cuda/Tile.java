package dev.tilework.cuda;

import dev.tilework.Precision;
import java.util.Locale;

/**
 * The variants of the tiled product: how much of the result a block of threads makes. Large tiles
 * read each factor less often, small ones leave no multiprocessor idle.
 *
 * @param rows of the result
 * @param columns of the result
 */
record Tile(int rows, int columns) {
  static final Tile LARGE = new Tile(128, 128);
  static final Tile TALL = new Tile(128, 64);
  static final Tile SMALL = new Tile(64, 64);

  /** The step of k, and what the sums wait for. */
  private static final int STEP = 32;

  private static final int FP32_STEP = 16;

  /** How a kernel's name says a precision. */
  static String name(Precision p) {
    return p == Precision.FP16 ? "f16" : p.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The tile for a product of a size.
   *
   * @param tall whether the kernel has the tile of 128x64
   * @param products how many of this size are made at once
   */
  static Tile of(long rows, long columns, long products, boolean tall, int multiprocessors) {
    if (columns > 64 && LARGE.blocks(rows, columns) * products >= multiprocessors) {
      return LARGE;
    }
    if (tall && TALL.blocks(rows, columns) * products >= multiprocessors) {
      return TALL;
    }
    return SMALL;
  }

  /** The blocks that cover a result. */
  long blocks(long rows, long columns) {
    return ((rows + this.rows - 1) / this.rows) * ((columns + this.columns - 1) / this.columns);
  }

  int threads(Precision p) {
    return p != Precision.FP32 && equals(SMALL) ? 128 : 256;
  }

  Grid grid(Precision p, long rows, long columns, int z) {
    return Grid.blocks(
        threads(p),
        Math.toIntExact((rows + this.rows - 1) / this.rows),
        Math.toIntExact((columns + this.columns - 1) / this.columns),
        z);
  }

  /**
   * The dynamic shared memory of a block, as {@code SHARED} of the product's class counts it.
   *
   * @param aInside whether k is inside in the first factor
   */
  int shared(Precision p, boolean aInside, boolean bInside) {
    return switch (p) {
      case FP32 -> 2 * FP32_STEP * (rows + 4 + columns + 4) * 4;
      case TF32 -> (equals(SMALL) ? 4 : 3) * (bytes(rows, aInside, 4) + bytes(columns, bInside, 4));
      case BF16, FP16 -> 2 * (bytes(rows, aInside, 2) + bytes(columns, bInside, 2));
    };
  }

  private static int bytes(int extent, boolean inside, int element) {
    return STEP * element * (inside || element == 2 ? extent : extent + 8);
  }

  /**
   * Into how many parts to cut the k of a product so that all multiprocessors have work; a function
   * of the size and the device alone.
   */
  int splits(long rows, long columns, long products, long depth, int multiprocessors) {
    long blocks = blocks(rows, columns) * products;
    long wanted = (2L * multiprocessors + blocks - 1) / blocks;
    // A part shorter than this costs more in writing and adding its sums than it saves.
    long most = Math.max(1, depth / 512);
    return (int) Math.max(1, Math.min(Math.min(wanted, most), 64));
  }

  @Override
  public String toString() {
    return rows + "x" + columns;
  }
}
