package dev.tilework.cpu;

import dev.tilework.kernels.ConvGeometry;

/**
 * The right-hand factor of a product in the order in which {@link Tile} reads it: panels of {@link
 * Tile#COLUMNS} columns, in each row by row, the last one filled up with zeros.
 */
final class Panels {
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
        Simd.copy(from + k * rowStride, to + 4L * k * Tile.COLUMNS, 4L * n);
      }
      return;
    }
    for (int j = 0; j < n; j++) {
      packColumn(from + j * columnStride, rowStride, depth, to + 4L * j);
    }
  }

  private static void packColumn(long from, long rowStride, int depth, long to) {
    for (int k = 0; k < depth; k++) {
      Simd.putFloat(to + 4L * k * Tile.COLUMNS, Simd.getFloat(from + k * rowStride));
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
