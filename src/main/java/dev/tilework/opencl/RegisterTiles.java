package dev.tilework.opencl;

/**
 * The sizes of the register tiles of matmul.cl on a device, and how a product is cut into blocks
 * for its work-items.
 *
 * @param rows rows of a tile
 * @param columns columns of a tile
 */
record RegisterTiles(int rows, int columns, long blockFloats, int computeUnits) {
  /** Steps that a work-item packs: PACKED_STEPS of matmul.cl. */
  private static final int PACKED_STEPS = 16;

  /** Work-items for each compute unit that even out the load. */
  private static final int ITEMS = 8;

  static RegisterTiles of(Session s) {
    return new RegisterTiles(
        s.tuning.get(Parameter.REGISTER_ROWS),
        s.tuning.get(Parameter.REGISTER_WIDTH) * s.tuning.get(Parameter.REGISTER_VECTORS),
        s.tuning.get(Parameter.REGISTER_BLOCK) * 256L,
        s.device.computeUnits());
  }

  /** Panels for so many columns of a right factor. */
  int rightPanels(int n) {
    return Math.ceilDiv(n, columns);
  }

  /** Panels for so many rows of a left factor. */
  int leftPanels(int m) {
    return Math.ceilDiv(m, rows);
  }

  /** Floats of the right panels of a (k, n). */
  long rightFloats(int n, long k) {
    return rightPanels(n) * k * columns;
  }

  /** Floats of the left panels of an (m, k). */
  long leftFloats(int m, long k) {
    return leftPanels(m) * k * rows;
  }

  /** Work-items that pack so many steps. */
  static long packBlocks(long steps) {
    return Math.ceilDiv(steps, PACKED_STEPS);
  }

  /**
   * The part of a product that a work-item does.
   *
   * @param rows a multiple of a tile's
   * @param panels of columns
   */
  record Block(int rows, int panels, Grid grid) {}

  /** The blocks of products of (m, k) by (k, n), a number of them at a time. */
  Block block(int m, int n, long k, int products) {
    int allPanels = rightPanels(n);
    int tiles = (int) Math.clamp(blockFloats / (k * rows + 1), 1, leftPanels(m));
    int panels = (int) Math.clamp(blockFloats / (k * columns + 1), 1, allPanels);
    while (items(m, allPanels, tiles, panels) * products < (long) ITEMS * computeUnits) {
      if (panels > 1) {
        panels = Math.ceilDiv(panels, 2);
      } else if (tiles > 1) {
        tiles = Math.ceilDiv(tiles, 2);
      } else {
        break;
      }
    }
    Grid grid =
        Grid.items(Math.ceilDiv(allPanels, panels), Math.ceilDiv(m, tiles * rows), products);
    return new Block(tiles * rows, panels, grid);
  }

  private long items(int m, int allPanels, int tiles, int panels) {
    return (long) Math.ceilDiv(allPanels, panels) * Math.ceilDiv(m, tiles * rows);
  }
}
