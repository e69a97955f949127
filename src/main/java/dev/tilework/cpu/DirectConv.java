package dev.tilework.cpu;

/**
 * Convolution as an implicit matrix product over any {@link Gather}: for each tile of output pixels
 * a table holds, tap by tap, the address of the input pixel that each reads (a row of zeros beyond
 * the border), so that stride, dilation and padding cost nothing in the innermost loop and nothing
 * is copied.
 */
final class DirectConv {
  /** Bytes of input that a block of tiles may touch: a part of the second cache. */
  private static final long BLOCK_BYTES = 128 << 10;

  /**
   * Steps of the sum after which the next tile is taken: the panel's part stays in a near cache.
   */
  private static final int DEPTH = 1024;

  private static long zeros;
  private static long zeroBytes;

  private final Gather grid;
  private final long in;
  private final long inPixel;
  private final int channels;
  private final long weights;
  private final long out;
  private final long outPixel;
  private final int columns;
  private final Epilogue epilogue;
  private final int segments;
  private final int segmentLength;
  private final int segmentTiles;
  private final long zero;

  /**
   * One group of a convolution.
   *
   * @param in address of the group's first channel in the first pixel
   * @param inPixel bytes from an input pixel to the next
   * @param channels floats that each tap reads
   * @param weights packed panels of {@code taps * channels} rows
   * @param out address of the group's first column in the first output pixel
   * @param outPixel bytes from an output pixel to the next
   * @param columns the group's output channels
   */
  DirectConv(
      Gather grid,
      long in,
      long inPixel,
      int channels,
      long weights,
      long out,
      long outPixel,
      int columns,
      Epilogue epilogue) {
    this.grid = grid;
    this.in = in;
    this.inPixel = inPixel;
    this.channels = channels;
    this.weights = weights;
    this.out = out;
    this.outPixel = outPixel;
    this.columns = columns;
    this.epilogue = epilogue;
    // A tile's rows must be evenly spaced in the output: grid rows follow one another only in a
    // dense grid.
    this.segments = grid.dense() ? 1 : grid.n() * grid.gridH();
    this.segmentLength = grid.dense() ? grid.n() * grid.gridH() * grid.gridW() : grid.gridW();
    this.segmentTiles = (segmentLength + Tile.TABLE_ROWS - 1) / Tile.TABLE_ROWS;
    this.zero = zeros(4L * channels);
  }

  static synchronized long zeros(long bytes) {
    if (zeroBytes < bytes) {
      zeroBytes = CpuMemory.sizeClass(Math.max(bytes, 1 << 16));
      zeros = java.lang.foreign.Arena.global().allocate(zeroBytes, 64).address();
    }
    return zeros;
  }

  void run() {
    int tiles = Math.multiplyExact(segments, segmentTiles);
    long tileBytes = 4L * Tile.TABLE_ROWS * channels * grid.strideY() * grid.strideX();
    int block = Math.clamp(BLOCK_BYTES / tileBytes, 4, 256);
    int blocks = (tiles + block - 1) / block;
    int panels = Panels.count(columns);
    // With few pixels the panels are dealt out too.
    int groups = Math.clamp((4L * Parallel.THREADS + blocks - 1) / blocks, 1, panels);
    Parallel.run(
        blocks * groups,
        i -> {
          int b = i / groups;
          int p = i % groups;
          block(
              b * block,
              Math.min(tiles, (b + 1) * block),
              p * panels / groups,
              (p + 1) * panels / groups);
        });
  }

  private void block(int firstTile, int lastTile, int firstPanel, int lastPanel) {
    int taps = grid.tapY().length;
    int n = lastTile - firstTile;
    int tableSize = taps * Tile.TABLE_ROWS;
    long[] tables = new long[n * tableSize];
    long[] places = new long[n];
    int[] rows = new int[n];
    for (int t = 0; t < n; t++) {
      rows[t] = place(firstTile + t, tables, t * tableSize, places, t);
    }
    long panelBytes = Panels.panelBytes((long) taps * channels);
    long stride = outPixel * grid.outStepX();
    // The sum is cut by taps, or within the taps where one alone is long.
    int tapParts = Math.clamp((long) taps * channels / DEPTH, 1, Math.max(1, taps));
    int channelParts = Math.max(1, channels / DEPTH);
    for (int part = 0; part < tapParts * channelParts; part++) {
      int t0 = taps * (part / channelParts) / tapParts;
      int t1 = taps * (part / channelParts + 1) / tapParts;
      int c0 = (int) ((long) channels * (part % channelParts) / channelParts);
      int c1 = (int) ((long) channels * (part % channelParts + 1) / channelParts);
      boolean last = part == tapParts * channelParts - 1;
      long jump = (channels - (c1 - c0)) * Tile.PANEL_STEP;
      for (int p = firstPanel; p < lastPanel; p++) {
        int column = p * Tile.COLUMNS;
        int width = Math.min(Tile.COLUMNS, columns - column);
        long w = weights + p * panelBytes + ((long) t0 * channels + c0) * Tile.PANEL_STEP;
        for (int t = 0; t < n; t++) {
          long o = places[t] + 4L * column;
          Tile.table(
              rows[t],
              t1 - t0,
              c1 - c0,
              tables,
              t * tableSize + t0 * Tile.TABLE_ROWS,
              4L * c0,
              w,
              jump,
              o,
              stride,
              width,
              part > 0);
          if (last) {
            epilogue.apply(o, stride, rows[t], column, width);
          }
        }
      }
    }
  }

  /**
   * Fills a tile's table of input addresses and its output address, and gives its number of rows.
   */
  private int place(int tile, long[] tables, int at, long[] places, int index) {
    int segment = tile / segmentTiles;
    int part = tile % segmentTiles;
    int from = (int) ((long) segmentLength * part / segmentTiles);
    int rows = (int) ((long) segmentLength * (part + 1) / segmentTiles) - from;
    int row = grid.dense() ? from : segment * grid.gridW() + from;
    int x = row % grid.gridW();
    int y = row / grid.gridW() % grid.gridH();
    int image = row / grid.gridW() / grid.gridH();
    long outRow = (long) image * grid.outH() + (long) y * grid.outStepY() + grid.outY();
    places[index] =
        out + (outRow * grid.outW() + (long) x * grid.outStepX() + grid.outX()) * outPixel;
    for (int i = 0; i < rows; i++) {
      addresses(image, y * grid.strideY(), x * grid.strideX(), tables, at + i);
      if (++x == grid.gridW()) {
        x = 0;
        if (++y == grid.gridH()) {
          y = 0;
          image++;
        }
      }
    }
    return rows;
  }

  private void addresses(int image, int y, int x, long[] tables, int at) {
    int[] tapY = grid.tapY();
    int[] tapX = grid.tapX();
    int inH = grid.inH();
    int inW = grid.inW();
    long base = in + (((long) image * inH + y) * inW + x) * inPixel;
    for (int t = 0; t < tapY.length; t++) {
      int r = y + tapY[t];
      int c = x + tapX[t];
      boolean inside = r >= 0 && r < inH && c >= 0 && c < inW;
      long a = inside ? base + ((long) tapY[t] * inW + tapX[t]) * inPixel : zero;
      tables[at + t * Tile.TABLE_ROWS] = a;
    }
  }
}
