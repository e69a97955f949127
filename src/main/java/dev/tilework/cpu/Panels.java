package dev.tilework.cpu;

import dev.tilework.kernels.ConvGeometry;

/**
 * The right-hand factor of a product in the order in which {@link Tile} reads it: panels of {@link
 * Tile#COLUMNS} columns, in each row by row, the last one filled up with zeros.
 */
final class Panels {
  /** Rows that are packed column by column at a time: the panel's part stays in the first cache. */
  private static final int PACK_ROWS = 128;

  private Panels() {}

  static int count(int columns) {
    return (columns + Tile.COLUMNS - 1) / Tile.COLUMNS;
  }

  /** The bytes of one panel with so many rows. */
  static long panelBytes(long depth) {
    return 4L * depth * Tile.COLUMNS;
  }

  /** The bytes of all panels. */
  static long bytes(int columns, long depth) {
    return count(columns) * panelBytes(depth);
  }

  /**
   * Packs a matrix whose element (k, j) is at {@code b + k * rowStride + j * columnStride}, strides
   * in bytes.
   */
  static void pack(long b, long rowStride, long columnStride, int depth, int columns, long to) {
    Parallel.run(
        count(columns),
        p -> pack(b, rowStride, columnStride, depth, columns, p, to + p * panelBytes(depth)));
  }

  private static void pack(
      long b, long rowStride, long columnStride, int depth, int columns, int panel, long to) {
    int first = panel * Tile.COLUMNS;
    int n = Math.min(Tile.COLUMNS, columns - first);
    if (n < Tile.COLUMNS) {
      Simd.zero(to, panelBytes(depth));
    }
    long from = b + first * columnStride;
    if (columnStride == 4) {
      for (int k = 0; k < depth; k++) {
        row(from + k * rowStride, to + k * Tile.PANEL_STEP, n);
      }
      return;
    }
    for (int k = 0; k < depth; k += PACK_ROWS) {
      int rows = Math.min(PACK_ROWS, depth - k);
      block(from + k * rowStride, rowStride, columnStride, rows, n, to + k * Tile.PANEL_STEP);
    }
  }

  private static void block(
      long from, long rowStride, long columnStride, int rows, int n, long to) {
    int j = 0;
    for (; j + 4 <= n; j += 4) {
      fourColumns(from + j * columnStride, rowStride, columnStride, rows, to + 4L * j);
    }
    for (; j < n; j++) {
      column(from + j * columnStride, rowStride, rows, to + 4L * j);
    }
  }

  private static void row(long from, long to, int n) {
    if (n == Tile.COLUMNS) {
      Simd.store(Simd.load(from), to);
      Simd.store(Simd.load(from + Simd.BYTES), to + Simd.BYTES);
      return;
    }
    for (int j = 0; j < n; j++) {
      Simd.putFloat(to + 4L * j, Simd.getFloat(from + 4L * j));
    }
  }

  private static void column(long from, long rowStride, int depth, long to) {
    for (int k = 0; k < depth; k++) {
      Simd.putFloat(to, Simd.getFloat(from));
      from += rowStride;
      to += Tile.PANEL_STEP;
    }
  }

  private static void fourColumns(
      long from, long rowStride, long columnStride, int depth, long to) {
    for (int k = 0; k < depth; k++) {
      Simd.putFloat(to, Simd.getFloat(from));
      Simd.putFloat(to + 4, Simd.getFloat(from + columnStride));
      Simd.putFloat(to + 8, Simd.getFloat(from + 2 * columnStride));
      Simd.putFloat(to + 12, Simd.getFloat(from + 3 * columnStride));
      from += rowStride;
      to += Tile.PANEL_STEP;
    }
  }

  /**
   * Packs a convolution's weights (o, taps, c) of one group for the forward pass: columns are
   * filters, rows taps and in each the channels.
   */
  static void packFilters(ConvGeometry g, int group, long w, long to) {
    int depth = g.kernelH() * g.kernelW() * g.channelsPerGroup();
    long first = w + 4L * group * g.filtersPerGroup() * depth;
    pack(first, 4, 4L * depth, depth, g.filtersPerGroup(), to);
  }

  /**
   * Packs a convolution's weights of one group for the gradient to the images: columns are
   * channels, rows the given taps and in each the filters.
   */
  static void packChannels(ConvGeometry g, int group, int[] taps, long w, long to) {
    int filters = g.filtersPerGroup();
    int channels = g.channelsPerGroup();
    long filter = 4L * g.kernelH() * g.kernelW() * channels;
    long first = w + group * filters * filter;
    long panel = panelBytes((long) taps.length * filters);
    Parallel.run(
        count(channels) * taps.length,
        i -> {
          int p = i / taps.length;
          int t = i % taps.length;
          pack(
              first + 4L * taps[t] * channels,
              filter,
              4,
              filters,
              channels,
              p,
              to + p * panel + t * panelBytes(filters));
        });
  }
}
