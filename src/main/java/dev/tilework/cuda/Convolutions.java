package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Convolutions as implicit matrix products; see {@code kernels/cuda/conv.cu}. */
final class Convolutions {
  private Convolutions() {}

  static void run(Session s, ConvOp op, List<Operand> out, List<Operand> in, Precision p) {
    ConvChoice choice = ConvChoice.of(op, p);
    if (choice == ConvChoice.CUDNN) {
      if (s.libraries.cudnn().run(op, out, in, p)) {
        return;
      }
      choice = ConvChoice.of(op.geometry(), p, null);
    }
    if (choice == ConvChoice.DEPTHWISE) {
      Log.choice(() -> op.name() + " " + op.geometry() + ": depthwise");
      Depthwise.run(s, op, out, in);
      return;
    }
    switch (op) {
      case ConvOp.Forward o -> forward(s, o, out.getFirst(), in, p);
      case ConvOp.DataGrad o -> dataGradient(s, o.geometry(), out.getFirst(), in, p);
      case ConvOp.WeightGrad o -> weightGradient(s, o.geometry(), out.getFirst(), in, p);
    }
  }

  record Packing(String what, ConvGeometry weights) {}

  /** Geometry as far as weights know it, so that all batch sizes share what was packed. */
  static Packing packing(String what, ConvGeometry g) {
    return new Packing(
        what,
        new ConvGeometry(
            1,
            g.kernelH(),
            g.kernelW(),
            g.c(),
            g.o(),
            g.kernelH(),
            g.kernelW(),
            1,
            1,
            0,
            0,
            0,
            0,
            1,
            1,
            g.groups()));
  }

  private static void forward(
      Session s, ConvOp.Forward op, Operand y, List<Operand> in, Precision p) {
    ConvGeometry g = op.geometry();
    int channels = g.channelsPerGroup();
    int padded = Aligned.padded(channels);
    Operand w = in.get(1);
    long positions = (long) g.o() * g.kernelH() * g.kernelW();
    try (Aligned aligned = new Aligned(s)) {
      long pixels =
          aligned.rows(in.getFirst(), (long) g.n() * g.h() * g.w() * g.groups(), channels);
      long weights = Launcher.address(w);
      if (padded != channels || weights % 16 != 0) {
        weights =
            ((CudaBuffer) w.buffer())
                .packed(
                    packing("rows", g),
                    w.offset(),
                    positions * padded * 4,
                    to -> Aligned.copy(s, Launcher.address(w), to.value(), positions, channels));
      }
      Gather gather = Gather.forward(g, padded, g.o());
      product(s, gather, g.groups(), pixels, weights, y, epilogue(op, in), p);
    }
  }

  /** The struct Epilogue of store.cuh. */
  static Struct epilogue(ConvOp.Forward op, List<Operand> in) {
    return epilogue(
        op.bias() ? in.get(2) : null, op.residual() ? in.getLast() : null, op.activation());
  }

  static Struct noEpilogue() {
    return epilogue(null, null, Activation.IDENTITY);
  }

  private static Struct epilogue(Operand bias, Operand residual, Activation a) {
    return new Struct().pointer(bias).pointer(residual).ints(a.kind().ordinal()).number(a.alpha());
  }

  private static void product(
      Session s, Gather g, int groups, long x, long w, Operand y, Struct epilogue, Precision p) {
    Tile tile = Tile.of(g.pixels(), g.filters(), groups, true, s.gpu.multiprocessors());
    String kernel = "conv_" + Tile.name(p) + "_" + tile;
    Grid grid = tile.grid(p, g.pixels(), g.filters(), groups);
    Log.choice(() -> "conv2d " + g + " of " + groups + " groups: " + kernel + ", " + grid);
    s.launcher.launchShared(
        kernel, grid, tile.shared(p, true, true), x, w, y, g.struct(), epilogue);
  }

  private static void dataGradient(
      Session s, ConvGeometry g, Operand dx, List<Operand> in, Precision p) {
    int filters = g.filtersPerGroup();
    int padded = Aligned.padded(filters);
    Operand w = in.get(1);
    int positions = g.kernelH() * g.kernelW();
    int n = Math.multiplyExact(g.c() * positions, padded);
    try (Aligned aligned = new Aligned(s)) {
      long dy =
          aligned.rows(in.getFirst(), (long) g.n() * g.outH() * g.outW() * g.groups(), filters);
      long weights =
          ((CudaBuffer) w.buffer())
              .packed(
                  packing("transposed", g),
                  w.offset(),
                  4L * n,
                  to ->
                      s.launcher.launch(
                          "transpose_weights",
                          Grid.linear(n),
                          w,
                          to,
                          n,
                          filters,
                          positions,
                          g.channelsPerGroup(),
                          padded));
      for (Gather part : Gather.dataGradient(g, padded)) {
        product(s, part, g.groups(), dy, weights, dx, noEpilogue(), p);
      }
    }
  }

  private static void weightGradient(
      Session s, ConvGeometry g, Operand dw, List<Operand> in, Precision p) {
    int channels = g.channelsPerGroup();
    int padded = Aligned.padded(channels);
    int filters = Aligned.padded(g.filtersPerGroup());
    long columns = (long) g.kernelH() * g.kernelW() * padded;
    long pixels = (long) g.n() * g.outH() * g.outW();
    Tile tile = Tile.of(g.filtersPerGroup(), columns, g.groups(), false, Integer.MAX_VALUE);
    if (g.filtersPerGroup() > 64 && columns > 64) {
      tile = Tile.LARGE;
    }
    int splits =
        tile.splits(g.filtersPerGroup(), columns, g.groups(), pixels, s.gpu.multiprocessors());
    int step = p == Precision.FP32 ? 16 : 32;
    int part = Math.toIntExact((pixels + (long) splits * step - 1) / ((long) splits * step) * step);
    try (Aligned aligned = new Aligned(s)) {
      long x = aligned.rows(in.getFirst(), (long) g.n() * g.h() * g.w() * g.groups(), channels);
      long dy = aligned.rows(in.get(1), pixels * g.groups(), g.filtersPerGroup());
      boolean direct = splits == 1 && padded == channels;
      long sums = direct ? Launcher.address(dw) : aligned.scratch(4L * splits * g.o() * columns);
      String kernel = "conv_weight_" + Tile.name(p) + "_" + tile;
      Grid grid = tile.grid(p, g.filtersPerGroup(), columns, g.groups() * splits);
      Log.choice(
          () -> "conv2d_weight_grad " + g + ": " + kernel + " in " + splits + " parts, " + grid);
      s.launcher.launchShared(
          kernel,
          grid,
          tile.shared(p, false, false),
          x,
          dy,
          sums,
          Gather.forward(g, padded, filters * g.groups()).struct(),
          splits,
          part);
      if (!direct) {
        int rows = g.o() * g.kernelH() * g.kernelW();
        s.launcher.launch(
            "sum_splits",
            Grid.linear((long) rows * channels),
            sums,
            dw,
            splits,
            rows,
            padded,
            channels);
      }
    }
  }
}
