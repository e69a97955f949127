package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Convolution with tiles in local memory; see conv_local.cl. */
final class LocalConv {
  private final Session s;
  private final LocalTile tile;
  private final ConvGeometry g;

  private LocalConv(Session s, ConvGeometry g) {
    this.s = s;
    this.g = g;
    tile = LocalTile.of(s.tuning);
  }

  /** Runs DIRECT or POINTWISE. */
  static void run(Session s, ConvOp op, ConvChoice choice, Operand out, List<Operand> in) {
    in.forEach(Count::of);
    Count.of(out);
    LocalConv conv = new LocalConv(s, op.geometry());
    switch (op) {
      case ConvOp.Forward o -> conv.forward(out, in.get(0), in.get(1), Epilogue.of(o, in));
      case ConvOp.DataGrad o -> conv.dataGrad(out, in.get(0), in.get(1));
      case ConvOp.WeightGrad o -> conv.weightGrad(choice, out, in.get(0), in.get(1));
    }
  }

  private void forward(Operand y, Operand x, Operand w, Epilogue e) {
    int channels = g.channelsPerGroup();
    Images images = new Images(x, g.c(), channels);
    Weights weights = new Weights(w, channels, w.offset() % 16 == 0);
    conv(List.of(Gather.forward(g)), images, weights, y, g.filtersPerGroup(), e);
  }

  private void dataGrad(Operand dx, Operand dy, Operand w) {
    int filters = g.filtersPerGroup();
    int channels = g.channelsPerGroup();
    int taps = g.kernelH() * g.kernelW();
    int floats = Count.of(w);
    Object layout = List.of("channels first", g.groups(), filters, taps, channels);
    Memory.View swapped =
        ((ClBuffer) w.buffer())
            .packed(
                layout,
                w.offset(),
                4L * floats,
                to ->
                    s.launcher.launch(
                        "swap_filters",
                        Grid.linear(s, floats),
                        w,
                        to,
                        floats,
                        filters,
                        taps,
                        channels));
    Images images = new Images(dy, g.o(), filters);
    Weights weights = new Weights(swapped, filters, true);
    conv(Gather.dataGrad(g), images, weights, dx, channels, Epilogue.NONE);
  }

  /**
   * The images that are read.
   *
   * @param pixel floats from a pixel to the next
   * @param channels of which a group reads so many
   */
  private record Images(Operand memory, int pixel, int channels) {
    /** Whether channels come as quads. */
    boolean quads() {
      return channels % 4 == 0;
    }

    boolean aligned() {
      return quads() && LocalGemm.aligned(memory, pixel) == 1;
    }
  }

  /**
   * Weights (filters, taps, channels) of all groups.
   *
   * @param memory an argument of a kernel
   * @param aligned whether they begin at a multiple of 16 bytes
   */
  private record Weights(Object memory, int channels, boolean aligned) {}

  /** Grids that write to different pixels of the same result. */
  private void conv(
      List<Gather> grids, Images x, Weights w, Operand out, int filters, Epilogue epilogue) {
    long tiles = 0;
    long steps = 0;
    for (Gather grid : grids) {
      tiles += tile.tiles(grid.pixels(), filters) * g.groups();
      steps = Math.max(steps, (long) grid.taps() * x.channels());
    }
    int segments = Segments.of(steps, tiles, tile.k()).count();
    int pixel = filters * g.groups();
    SegmentSums.run(
        s,
        segments,
        (int) out.elements(),
        pixel,
        out,
        epilogue,
        (to, last) -> {
          for (Gather grid : grids) {
            conv(grid, x, w, to, (int) out.elements(), filters, segments, last);
          }
        });
  }

  private void conv(
      Gather grid,
      Images x,
      Weights w,
      Object out,
      int elements,
      int filters,
      int segments,
      Epilogue epilogue) {
    int row = g.kernelW() * w.channels();
    int steps = grid.taps() * x.channels();
    s.launcher.launch(
        x.quads() ? "conv_local_quads" : "conv_local_single",
        grid(tile.tiles(grid.pixels(), filters), segments),
        x.memory(),
        w.memory(),
        out,
        epilogue,
        grid.from(x.pixel(), x.channels()),
        grid.to(filters * g.groups()),
        filters,
        g.kernelH() * row,
        grid.y().kernel() * row + grid.x().kernel() * w.channels(),
        grid.y().kernelStep() * row,
        grid.x().kernelStep() * w.channels(),
        (long) elements,
        // Each grid has the same number of segments, whatever the number of its taps.
        Math.ceilDiv(Math.ceilDiv(steps, segments), tile.k()) * tile.k(),
        x.aligned() && w.aligned() ? 1 : 0);
  }

  private Grid grid(long tiles, int segments) {
    return Grid.groups(new int[] {tile.group(), 1, 1}, tiles, g.groups(), segments);
  }

  private void weightGrad(ConvChoice choice, Operand dw, Operand x, Operand dy) {
    int pixels = g.n() * g.outH() * g.outW();
    if (choice == ConvChoice.POINTWISE) {
      LocalGemm.run(s, true, false, dy, x, dw, Epilogue.NONE, g.o(), g.c(), pixels);
      return;
    }
    Gather grid = Gather.forward(g);
    Images images = new Images(x, g.c(), g.channelsPerGroup());
    int filters = g.filtersPerGroup();
    int columns = grid.taps() * g.channelsPerGroup();
    long tiles = tile.tiles(filters, columns);
    Segments segments = Segments.of(pixels, tiles * g.groups(), tile.k());
    int elements = (int) dw.elements();
    SegmentSums.run(
        s,
        segments.count(),
        elements,
        columns,
        dw,
        Epilogue.NONE,
        (to, last) ->
            s.launcher.launch(
                images.quads() ? "conv_weights_local_quads" : "conv_weights_local_single",
                grid(tiles, segments.count()),
                dy,
                x,
                to,
                grid.from(images.pixel(), images.channels()),
                filters,
                g.o(),
                (long) elements,
                segments.length(),
                filters % 4 == 0 ? LocalGemm.aligned(dy, g.o()) : 0,
                images.aligned() ? 1 : 0));
  }
}
