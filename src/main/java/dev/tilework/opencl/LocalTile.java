package dev.tilework.opencl;

/**
 * The tile that a work group computes of a matrix product or a convolution; see matmul_local.cl.
 *
 * @param m rows of the result
 * @param n columns of the result
 * @param k steps of the sum that are in local memory at a time
 * @param rows rows of a work-item
 * @param columns columns of a work-item
 */
record LocalTile(int m, int n, int k, int rows, int columns) {
  /** The smallest one, which any device with local memory should be able to run. */
  static final LocalTile SMALLEST = new LocalTile(32, 32, 16, 4, 4);

  /** Floats that keep the rows of a tile out of each other's banks. */
  private static final int PADDING = 4;

  /** Where a pixel of the tile lies, for the gradient to the weights of a convolution. */
  private static final int PIXEL_BYTES = 16;

  static LocalTile of(Tuning t) {
    return new LocalTile(
        t.get(Parameter.LOCAL_M),
        t.get(Parameter.LOCAL_N),
        t.get(Parameter.LOCAL_K),
        t.get(Parameter.LOCAL_ROWS),
        t.get(Parameter.LOCAL_COLUMNS));
  }

  /** The tuning with this tile. */
  Tuning in(Tuning t) {
    return t.with(Parameter.LOCAL_M, m)
        .with(Parameter.LOCAL_N, n)
        .with(Parameter.LOCAL_K, k)
        .with(Parameter.LOCAL_ROWS, rows)
        .with(Parameter.LOCAL_COLUMNS, columns);
  }

  /** The work-items of a work group. */
  int group() {
    return m / rows * (n / columns);
  }

  long localBytes() {
    return 4L * k * (m + n + 2 * PADDING) + (long) k * PIXEL_BYTES;
  }

  /** Null, or why there is no kernel with such a tile, in words for people. */
  String illegal() {
    if (m < rows * columns) {
      return "LOCAL_M is less than LOCAL_ROWS * LOCAL_COLUMNS";
    }
    // Each work-item moves the same number of quads of each tile.
    if (m * k % (4 * group()) != 0 || n * k % (4 * group()) != 0) {
      return group() + " work-items cannot share tiles of " + k + " steps evenly";
    }
    return group() < 64 ? "a work group of " + group() + " work-items is too small" : null;
  }

  /** Null, or what a device lacks for it, in words for people. */
  String unfit(ClDevice device) {
    int most = Math.min(device.workGroup(), device.itemSizes()[0]);
    if (group() > most) {
      return "a work group of " + group() + " work-items; the device allows " + most;
    }
    if (localBytes() > device.localMemory()) {
      return localBytes() + " bytes of local memory; the device has " + device.localMemory();
    }
    return null;
  }

  /** How many tiles cover a result. */
  long tiles(long rowsOfResult, long columnsOfResult) {
    return Math.ceilDiv(rowsOfResult, m) * Math.ceilDiv(columnsOfResult, n);
  }
}
