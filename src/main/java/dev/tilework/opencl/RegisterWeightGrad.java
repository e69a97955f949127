package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.Operand;

/**
 * The gradient of a convolution to its weights: for each tap, the product of the transposed output
 * gradient (filters by pixels) with the input pixels that the tap meets (pixels by channels); see
 * conv.cl. A few images at a time are packed into panels.
 */
final class RegisterWeightGrad {
  /** Floats of packed operands at a time. */
  private static final long CHUNK = 16 << 20;

  /** Pixels that a segment of a sum has at least, to make adding the segments cheap. */
  private static final int FEWEST = 256;

  /** Pixels of a segment whose panels stay in the second cache. */
  private static final int CACHED = 2048;

  /** Floats of the segments' sums that are not exceeded for the cache's sake. */
  private static final long PARTS = 32 << 20;

  /** Work-items to aim for: a constant, since segments determine the order of the sums. */
  private static final int ITEMS = 256;

  private final Session s;
  private final RegisterTiles tiles;
  private final int groups;
  private final int filters;
  private final int channels;
  private final Gather grid;

  /** Memory of the images where they need no packing, else null. */
  private final Bordered bordered;

  /** Floats from a pixel to the next in the images. */
  private final int pixel;

  /** Whether the pixels that the one tap meets are packed alone, one for each of the output. */
  private final boolean flat;

  private RegisterWeightGrad(
      Session s, ConvGeometry g, Gather grid, int channels, Bordered bordered) {
    this.s = s;
    this.grid = grid;
    this.channels = channels;
    this.bordered = bordered;
    tiles = RegisterTiles.of(s);
    groups = g.groups();
    filters = g.filtersPerGroup();
    pixel = g.c();
    flat = bordered == null && grid.flat();
  }

  static void run(Session s, ConvGeometry g, ConvChoice choice, Operand x, Operand dy, Operand dw) {
    if (choice == ConvChoice.FEW_CHANNELS) {
      try (Bordered b = Bordered.of(s, g, x)) {
        new RegisterWeightGrad(s, g, b.grid(), g.kernelW() * g.c(), b).run(x, dy, dw);
      }
      return;
    }
    new RegisterWeightGrad(s, g, Gather.forward(g), g.channelsPerGroup(), null).run(x, dy, dw);
  }

  private void run(Operand x, Operand dy, Operand dw) {
    int outPixels = grid.y().grid() * grid.x().grid();
    int inPixels = grid.y().in() * grid.x().in();
    int packed = flat ? outPixels : inPixels;
    long left = groups * tiles.leftFloats(filters, outPixels);
    long right = bordered == null ? groups * tiles.rightFloats(channels, packed) : 0;
    int images = (int) Math.clamp(CHUNK / (left + right), 1, grid.n());
    long products =
        (long) groups * grid.taps() * tiles.leftPanels(filters) * tiles.rightPanels(channels);
    int floats = (int) dw.elements();
    int segment = segment(images * outPixels, products, floats);
    int segments = 0;
    for (int i = 0; i < grid.n(); i += images) {
      segments += Math.ceilDiv(Math.min(images, grid.n() - i) * outPixels, segment);
    }
    ClBuffer.Block panels = s.memory.take(4 * images * (left + right));
    ClBuffer.Block parts = s.memory.take(segments == 1 ? 0 : 4L * floats * segments);
    try {
      Memory.View leftPanels = new Memory.View(panels.handle(), 0);
      Memory.View rightPanels = new Memory.View(panels.handle(), 4 * images * left);
      int done = 0;
      for (int i = 0; i < grid.n(); i += images) {
        int n = Math.min(images, grid.n() - i);
        Operand part = behind(dy, (long) i * outPixels * groups * filters);
        RegisterGemm.packLeft(s, part, leftPanels, filters, n * outPixels, groups);
        int count = Math.ceilDiv(n * outPixels, segment);
        Object to = segments == 1 ? dw : new Memory.View(parts.handle(), 4L * done * floats);
        if (bordered == null) {
          pack(behind(x, (long) i * inPixels * pixel), rightPanels, n * packed);
          int columns = tiles.columns();
          products(n, leftPanels, rightPanels, columns, (long) n * packed * columns, to, segment);
        } else {
          long offset = 4L * i * inPixels * pixel;
          Memory.View from = new Memory.View(bordered.view().handle(), offset);
          products(n, leftPanels, from, pixel, tiles.columns(), to, segment);
        }
        done += count;
      }
      if (segments > 1) {
        Memory.View all = new Memory.View(parts.handle(), 0);
        s.launcher.launch("add_segments", Grid.linear(s, floats), all, dw, floats, segments);
      }
    } finally {
      s.memory.giveBack(parts);
      s.memory.giveBack(panels);
    }
  }

  /** Pixels of a segment. */
  private static int segment(int pixels, long products, int floats) {
    long forCache = Math.min(Math.ceilDiv(pixels, CACHED), PARTS / floats);
    long cuts = Math.max(forCache, Math.ceilDiv(ITEMS, products));
    return Math.ceilDiv(pixels, (int) Math.clamp(cuts, 1, Math.max(1, pixels / FEWEST)));
  }

  private static Operand behind(Operand o, long elements) {
    return new Operand(o.buffer(), o.offset() + 4 * elements, o.spec());
  }

  private void pack(Operand x, Memory.View to, int pixels) {
    Gather.Axis y = grid.y();
    Gather.Axis across = grid.x();
    s.launcher.launch(
        "pack_pixels",
        Grid.items(tiles.rightPanels(channels), RegisterTiles.packBlocks(pixels), groups),
        x,
        to,
        pixels,
        channels,
        y.in(),
        across.in(),
        flat ? y.grid() : y.in(),
        flat ? across.grid() : across.in(),
        flat ? y.stride() : 1,
        flat ? across.stride() : 1);
  }

  /**
   * The sums over some images.
   *
   * @param xPixel floats from a pixel to the next in x
   * @param xPanel floats from a panel to the next in x
   */
  private void products(
      int images, Memory.View dy, Memory.View x, int xPixel, long xPanel, Object to, int segment) {
    int pixels = images * grid.y().grid() * grid.x().grid();
    Gather.Axis down = flat ? Gather.Axis.plain(1) : grid.y();
    Gather.Axis across = flat ? Gather.Axis.plain(pixels) : grid.x();
    long products = (long) groups * tiles.leftPanels(filters) * tiles.rightPanels(channels);
    s.launcher.launch(
        "conv_weights",
        Grid.items(products, grid.taps(), Math.ceilDiv(pixels, segment)),
        dy,
        x,
        to,
        flat ? 1 : images,
        down.in(),
        across.in(),
        down.grid(),
        across.grid(),
        down.stride(),
        across.stride(),
        down.tap(),
        down.tapStep(),
        across.taps(),
        across.tap(),
        across.tapStep(),
        filters,
        channels,
        xPixel,
        xPanel,
        segment);
  }
}
