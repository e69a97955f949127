package dev.tilework.cpu;

/**
 * The gradient of a convolution to its weights: for each tap, the product of the transposed output
 * gradient (filters by pixels) with the input pixels that the tap meets (pixels by channels). Both
 * are read in place. The pixels are cut into chunks that stay in the second cache, and the chunks
 * into at most {@link #SPLITS} parts whose sums are kept apart and added in a fixed order.
 */
final class WeightGradient {
  private static final int SPLITS = 8;
  private static final long CHUNK_BYTES = 128 << 10;
  private static final int MIN_PIXELS = 64;

  private final Gather grid;
  private final int groups;
  private final int filters;
  private final int channels;
  private final long x;
  private final long xPixel;
  private final int taps;
  private final long dy;
  private final long filterBytes;
  private final int rowsPerChunk;
  private final int chunksPerImage;

  /**
   * A gradient for a forward grid.
   *
   * @param groups groups of the convolution
   * @param filters output channels of a group
   * @param channels floats that each tap of a group reads
   * @param xPixel bytes from an input pixel to the next
   */
  WeightGradient(Gather grid, int groups, int filters, int channels, long x, long xPixel, long dy) {
    this.grid = grid;
    this.groups = groups;
    this.filters = filters;
    this.channels = channels;
    this.x = x;
    this.xPixel = xPixel;
    this.taps = grid.taps().length;
    this.dy = dy;
    this.filterBytes = 4L * taps * channels;
    long pixelBytes = 4L * (filters + (long) channels * grid.strideY() * grid.strideX());
    long pixels = Math.max(MIN_PIXELS, CHUNK_BYTES / pixelBytes);
    this.rowsPerChunk = (int) Math.clamp(pixels / grid.gridW(), 1, grid.gridH());
    this.chunksPerImage = (grid.gridH() + rowsPerChunk - 1) / rowsPerChunk;
  }

  /** Writes (or adds) the gradient (o, taps, channels). */
  void run(long dw, boolean add, CpuMemory memory) {
    int chunks = Math.multiplyExact(grid.n(), chunksPerImage);
    int splits = Math.min(SPLITS, chunks);
    int panels = groups * Panels.count(channels);
    long floats = (long) groups * filters * taps * channels;
    CpuBuffer.Block parts = memory.take(4 * floats * splits);
    try {
      int shares = Math.clamp((2L * Parallel.THREADS + splits - 1) / splits, 1, panels);
      Parallel.ranges(
          splits * floats, 1 << 16, (a, b) -> Simd.zero(parts.address() + 4 * a, 4 * (b - a)));
      Parallel.run(
          splits * shares,
          i -> {
            int s = i / shares;
            int p = i % shares;
            int end = (int) ((long) chunks * (s + 1) / splits);
            for (int q = (int) ((long) chunks * s / splits); q < end; q++) {
              chunk(
                  q,
                  p * panels / shares,
                  (p + 1) * panels / shares,
                  parts.address() + 4 * floats * s);
            }
          });
      Parallel.ranges(
          floats, 1 << 14, (a, b) -> sum(parts.address(), floats, splits, dw, add, a, b));
    } finally {
      memory.giveBack(parts);
    }
  }

  private static void sum(
      long parts, long floats, int splits, long dw, boolean add, long from, long to) {
    long bound = from + Simd.S.loopBound(to - from);
    for (long i = from; i < to; i += Simd.LANES) {
      var m = i < bound ? Simd.S.maskAll(true) : Simd.S.indexInRange(i, to);
      var v = Simd.load(parts + 4 * i, m);
      for (int s = 1; s < splits; s++) {
        v = v.add(Simd.load(parts + 4 * (s * floats + i), m));
      }
      if (add) {
        v = v.add(Simd.load(dw + 4 * i, m));
      }
      Simd.store(v, dw + 4 * i, m);
    }
  }

  private void chunk(int chunk, int firstPanel, int lastPanel, long part) {
    int image = chunk / chunksPerImage;
    int row = chunk % chunksPerImage * rowsPerChunk;
    int rowEnd = Math.min(grid.gridH(), row + rowsPerChunk);
    int panels = Panels.count(channels);
    for (int p = firstPanel; p < lastPanel; p++) {
      int group = p / panels;
      int column = p % panels * Tile.COLUMNS;
      for (int tap = 0; tap < taps; tap++) {
        tap(image, row, rowEnd, group, column, tap, part);
      }
    }
  }

  private void tap(int image, int row, int rowEnd, int group, int column, int tap, long part) {
    int tapY = grid.tapY()[tap];
    int tapX = grid.tapX()[tap];
    int y0 = Math.max(row, first(tapY, grid.strideY()));
    int y1 = Math.min(rowEnd, last(tapY, grid.strideY(), grid.inH()));
    int x0 = Math.max(0, first(tapX, grid.strideX()));
    int x1 = Math.min(grid.gridW(), last(tapX, grid.strideX(), grid.inW()));
    if (y1 <= y0 || x1 <= x0) {
      return;
    }
    int run = x1 - x0;
    long outPixel = 4L * groups * filters;
    long a =
        dy
            + (((long) image * grid.gridH() + y0) * grid.gridW() + x0) * outPixel
            + 4L * group * filters;
    long inRow = (long) y0 * grid.strideY() + tapY;
    long inColumn = (long) x0 * grid.strideX() + tapX;
    long b =
        x
            + (((long) image * grid.inH() + inRow) * grid.inW() + inColumn) * xPixel
            + 4L * ((long) group * channels + column);
    long bStep = grid.strideX() * xPixel;
    long aJump = (grid.gridW() - run) * outPixel;
    long bJump = (long) grid.strideY() * grid.inW() * xPixel - run * bStep;
    int width = Math.min(Tile.COLUMNS, channels - column);
    long to = part + group * filters * filterBytes + 4L * ((long) tap * channels + column);
    for (int o = 0; o < filters; o += Tile.ROWS) {
      int rows = Math.min(Tile.ROWS, filters - o);
      Tile.outer(
          rows,
          run * (y1 - y0),
          run,
          a + 4L * o,
          outPixel,
          aJump,
          b,
          bStep,
          bJump,
          to + o * filterBytes,
          filterBytes,
          width);
    }
  }

  /** The first output position whose tap at this offset is not before the image. */
  static int first(int offset, int stride) {
    return Math.ceilDiv(-offset, stride);
  }

  /** One past the last output position whose tap at this offset is not behind the image. */
  static int last(int offset, int stride, int extent) {
    return Math.floorDiv(extent - 1 - offset, stride) + 1;
  }
}
