package dev.tilework.cpu;

/**
 * The gradient of a convolution to its weights: for each tap, the product of the transposed output
 * gradient (filters by pixels) with the input pixels that the tap meets (pixels by channels). Both
 * are read in place. The pixels are cut into chunks that stay in the second cache, and the chunks
 * into at most {@link #SPLITS} parts whose sums are kept apart and added in a fixed order.
 */
final class WeightGradient {
  private static final int SPLITS = 8;

  /**
   * Output pixels of a chunk: enough to make adding to the sums cheap, few enough for the caches.
   */
  private static final int CHUNK_PIXELS = 256;

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
  private final int imagesPerChunk;

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
    int area = grid.gridH() * grid.gridW();
    this.rowsPerChunk = Math.clamp(CHUNK_PIXELS / grid.gridW(), 1, grid.gridH());
    this.chunksPerImage = (grid.gridH() + rowsPerChunk - 1) / rowsPerChunk;
    this.imagesPerChunk = chunksPerImage > 1 ? 1 : Math.clamp(CHUNK_PIXELS / area, 1, grid.n());
  }

  /** Writes (or adds) the gradient (o, taps, channels). */
  void run(long dw, boolean add, CpuMemory memory) {
    int chunks = Math.ceilDiv(grid.n(), imagesPerChunk) * chunksPerImage;
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
    int image = chunk / chunksPerImage * imagesPerChunk;
    int images = Math.min(imagesPerChunk, grid.n() - image);
    int row = chunk % chunksPerImage * rowsPerChunk;
    int rows = Math.min(grid.gridH() - row, rowsPerChunk);
    int panels = Panels.count(channels);
    for (int g = firstPanel / panels; g * panels < lastPanel; g++) {
      int first = Math.max(firstPanel, g * panels) - g * panels;
      int last = Math.min(lastPanel, (g + 1) * panels) - g * panels;
      new Chunk(image, images, row, rows, g).add(first, last, part);
    }
  }

  /** Some rows of one image, or whole images, packed for one group. */
  private final class Chunk {
    private final int image;
    private final int images;
    private final int row;
    private final int rows;
    private final int group;
    private final int inRow;
    private final int inRows;
    private final long outPixels;

    Chunk(int image, int images, int row, int rows, int group) {
      this.image = image;
      this.images = images;
      this.row = row;
      this.rows = rows;
      this.group = group;
      int low = Integer.MAX_VALUE;
      int high = 0;
      for (int t : grid.tapY()) {
        low = Math.min(low, row * grid.strideY() + t);
        high = Math.max(high, (row + rows - 1) * grid.strideY() + t + 1);
      }
      inRow = Math.max(0, low);
      inRows = Math.max(0, Math.min(high, grid.inH()) - inRow);
      outPixels = (long) images * rows * grid.gridW();
    }

    void add(int firstPanel, int lastPanel, long part) {
      long left = Scratch.get(1, LeftPanels.bytes(filters, outPixels));
      long outPixel = 4L * groups * filters;
      long from = ((long) image * grid.gridH() + row) * grid.gridW();
      LeftPanels.pack(
          dy + from * outPixel + 4L * group * filters, outPixel, outPixels, filters, left);
      long right = Scratch.get(2, (long) images * inRows * grid.inW() * Tile.PANEL_STEP);
      for (int p = firstPanel; p < lastPanel; p++) {
        packInput(p * Tile.COLUMNS, right);
        for (int tap = 0; tap < taps; tap++) {
          tap(p * Tile.COLUMNS, tap, left, right, part);
        }
      }
    }

    /** Copies a panel's channels of the input rows that the chunk meets. */
    private void packInput(int column, long to) {
      long pixels = (long) inRows * grid.inW();
      for (int i = 0; i < images; i++) {
        long from =
            x
                + ((long) (image + i) * grid.inH() + inRow) * grid.inW() * xPixel
                + 4L * ((long) group * channels + column);
        for (long q = 0; q < pixels; q++) {
          Simd.store(Simd.load(from), to);
          Simd.store(Simd.load(from + Simd.BYTES), to + Simd.BYTES);
          from += xPixel;
          to += Tile.PANEL_STEP;
        }
      }
    }

    private void tap(int column, int tap, long left, long right, long part) {
      int tapY = grid.tapY()[tap];
      int tapX = grid.tapX()[tap];
      int y0 = Math.max(row, first(tapY, grid.strideY()));
      int y1 = Math.min(row + rows, last(tapY, grid.strideY(), grid.inH()));
      int x0 = Math.max(0, first(tapX, grid.strideX()));
      int x1 = Math.min(grid.gridW(), last(tapX, grid.strideX(), grid.inW()));
      if (y1 <= y0 || x1 <= x0) {
        return;
      }
      int run = x1 - x0;
      int runs = y1 - y0;
      long a = left + ((long) (y0 - row) * grid.gridW() + x0) * Tile.LEFT_STEP;
      long aJump = (grid.gridW() - run) * Tile.LEFT_STEP;
      long aLeap = (long) (rows - runs) * grid.gridW() * Tile.LEFT_STEP;
      long inY = (long) y0 * grid.strideY() + tapY - inRow;
      long inX = (long) x0 * grid.strideX() + tapX;
      long b = right + (inY * grid.inW() + inX) * Tile.PANEL_STEP;
      long bStep = grid.strideX() * Tile.PANEL_STEP;
      long bRow = (long) grid.strideY() * grid.inW() * Tile.PANEL_STEP;
      long bLeap = (long) inRows * grid.inW() * Tile.PANEL_STEP - runs * bRow;
      int width = Math.min(Tile.COLUMNS, channels - column);
      long to = part + group * filters * filterBytes + 4L * ((long) tap * channels + column);
      for (int o = 0; o < filters; o += Tile.ROWS) {
        Tile.outer(
            Math.min(Tile.ROWS, filters - o),
            images * runs * run,
            run,
            runs,
            a,
            aJump,
            aLeap,
            b,
            bStep,
            bRow - run * bStep,
            bLeap,
            to + o * filterBytes,
            filterBytes,
            width);
        a += LeftPanels.blockBytes(outPixels);
      }
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
