package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Convolution with a tile in each work-item's registers; see conv.cl. */
final class RegisterConv {
  private RegisterConv() {}

  /** Runs DIRECT, POINTWISE or FEW_CHANNELS. */
  static void run(Session s, ConvOp op, ConvChoice choice, Operand out, List<Operand> in) {
    in.forEach(Count::of);
    Count.of(out);
    switch (op) {
      case ConvOp.Forward o -> forward(s, o, choice, out, in);
      case ConvOp.DataGrad o -> dataGrad(s, o.geometry(), choice, out, in.get(0), in.get(1));
      case ConvOp.WeightGrad o ->
          RegisterWeightGrad.run(s, o.geometry(), choice, in.get(0), in.get(1), out);
    }
  }

  /**
   * Identifies packed weights.
   *
   * @param taps of each grid: their number, first position in the kernel and step, down and across
   */
  private record Layout(List<Integer> weightShape, int groups, List<List<Integer>> taps) {
    static Layout of(ConvGeometry g, List<Gather> grids) {
      return new Layout(
          List.of(g.o(), g.kernelH(), g.kernelW(), g.channelsPerGroup()),
          g.groups(),
          grids.stream()
              .map(
                  t ->
                      List.of(
                          t.y().taps(),
                          t.y().kernel(),
                          t.y().kernelStep(),
                          t.x().taps(),
                          t.x().kernel(),
                          t.x().kernelStep()))
              .toList());
    }
  }

  private static void forward(
      Session s, ConvOp.Forward op, ConvChoice choice, Operand out, List<Operand> in) {
    ConvGeometry g = op.geometry();
    Operand x = in.get(0);
    Operand w = in.get(1);
    Epilogue e = Epilogue.of(op, in);
    int depth = g.kernelH() * g.kernelW() * g.channelsPerGroup();
    RegisterTiles tiles = RegisterTiles.of(s);
    long floats = g.groups() * tiles.rightFloats(g.filtersPerGroup(), depth);
    int zeros = g.kernelW() * g.channelsPerGroup();
    Memory.View packed =
        ((ClBuffer) w.buffer())
            .packed(
                Layout.of(g, List.of()),
                w.offset(),
                4 * (floats + zeros),
                to -> {
                  packFilters(s, g, w, to);
                  clear(s, to, floats, zeros);
                });
    switch (choice) {
      case POINTWISE ->
          RegisterGemm.rows(
              s,
              new RegisterGemm.Matrices(x, g.c(), 0),
              packed,
              0,
              new RegisterGemm.Matrices(out, g.o(), 0),
              e,
              g.n() * g.h() * g.w(),
              g.o(),
              g.c(),
              1);
      case FEW_CHANNELS -> {
        try (Bordered b = Bordered.of(s, g, x)) {
          Matrix left = new Matrix(b.view(), g.c(), g.kernelW() * g.c());
          conv(s, b.grid(), left, packed, floats, out, g.o(), 1, e);
        }
      }
      default -> {
        Matrix left = new Matrix(x, g.c(), g.channelsPerGroup());
        conv(s, Gather.forward(g), left, packed, floats, out, g.filtersPerGroup(), g.groups(), e);
      }
    }
  }

  private static void packFilters(Session s, ConvGeometry g, Operand w, Memory.View to) {
    int depth = g.kernelH() * g.kernelW() * g.channelsPerGroup();
    int panels = RegisterTiles.of(s).rightPanels(g.filtersPerGroup());
    s.launcher.launch(
        "pack_right",
        Grid.items(RegisterTiles.packBlocks(depth), panels, g.groups()),
        w,
        to,
        g.filtersPerGroup(),
        1,
        1,
        depth,
        0L,
        0,
        0,
        1,
        depth,
        (long) g.filtersPerGroup() * depth);
  }

  private static void clear(Session s, Memory.View memory, long first, int floats) {
    Memory.View view = new Memory.View(memory.handle(), memory.offset() + 4 * first);
    s.launcher.launch("clear_memory", Grid.linear(s, floats), view, floats);
  }

  private static void dataGrad(
      Session s, ConvGeometry g, ConvChoice choice, Operand dx, Operand dy, Operand w) {
    List<Gather> grids = Gather.dataGrad(g);
    RegisterTiles tiles = RegisterTiles.of(s);
    int filters = g.filtersPerGroup();
    int channels = g.channelsPerGroup();
    long perTap = g.groups() * tiles.rightFloats(channels, filters);
    long floats = grids.stream().mapToLong(t -> t.taps() * perTap).sum();
    Memory.View packed =
        ((ClBuffer) w.buffer())
            .packed(
                Layout.of(g, grids),
                w.offset(),
                4 * (floats + filters),
                to -> {
                  long at = 0;
                  for (Gather grid : grids) {
                    packChannels(s, g, grid, w, new Memory.View(to.handle(), 4 * at));
                    at += grid.taps() * perTap;
                  }
                  clear(s, to, at, filters);
                });
    if (choice == ConvChoice.POINTWISE) {
      RegisterGemm.rows(
          s,
          new RegisterGemm.Matrices(dy, g.o(), 0),
          packed,
          0,
          new RegisterGemm.Matrices(dx, g.c(), 0),
          Epilogue.NONE,
          g.n() * g.h() * g.w(),
          g.c(),
          g.o(),
          1);
      return;
    }
    long at = 0;
    for (Gather grid : grids) {
      Memory.View panels = new Memory.View(packed.handle(), packed.offset() + 4 * at);
      Matrix left = new Matrix(dy, g.o(), filters);
      conv(s, grid, left, panels, floats - at, dx, channels, g.groups(), Epilogue.NONE);
      at += grid.taps() * perTap;
    }
  }

  /** Panels whose columns are the channels, for the taps of a grid. */
  private static void packChannels(
      Session s, ConvGeometry g, Gather grid, Operand w, Memory.View to) {
    if (grid.taps() == 0) {
      return;
    }
    int filters = g.filtersPerGroup();
    int channels = g.channelsPerGroup();
    int row = g.kernelW() * channels;
    int panels = RegisterTiles.of(s).rightPanels(channels);
    s.launcher.launch(
        "pack_right",
        Grid.items(RegisterTiles.packBlocks((long) grid.taps() * filters), panels, g.groups()),
        w,
        to,
        channels,
        grid.y().taps(),
        grid.x().taps(),
        filters,
        (long) grid.y().kernel() * row + (long) grid.x().kernel() * channels,
        grid.y().kernelStep() * row,
        grid.x().kernelStep() * channels,
        g.kernelH() * row,
        1,
        (long) filters * g.kernelH() * row);
  }

  /**
   * Pixels as the left factor.
   *
   * @param memory an argument of a kernel
   * @param pixel floats from a pixel to the next
   * @param channels floats that a group reads for each tap
   */
  private record Matrix(Object memory, int pixel, int channels) {}

  /**
   * Runs a grid.
   *
   * @param zero where the zeros begin in the panels, in floats
   */
  private static void conv(
      Session s,
      Gather grid,
      Matrix left,
      Memory.View panels,
      long zero,
      Operand out,
      int filters,
      int groups,
      Epilogue e) {
    Gather.Axis y = grid.y();
    Gather.Axis x = grid.x();
    RegisterTiles.Block part =
        RegisterTiles.of(s)
            .block(grid.pixels(), filters, (long) grid.taps() * left.channels(), groups);
    s.launcher.launch(
        "conv_rows",
        part.grid(),
        left.memory(),
        panels,
        out,
        e,
        grid.n(),
        y.in(),
        x.in(),
        left.pixel(),
        left.channels(),
        y.grid(),
        x.grid(),
        y.stride(),
        x.stride(),
        y.taps(),
        y.tap(),
        y.tapStep(),
        x.taps(),
        x.tap(),
        x.tapStep(),
        y.outExtent(),
        x.outExtent(),
        y.outStep(),
        x.outStep(),
        y.out(),
        x.out(),
        filters,
        zero,
        part.rows(),
        part.panels());
  }
}
