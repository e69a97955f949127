package dev.tilework.cuda;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.ArrayList;
import java.util.List;

/** Convolutions with filters for each channel; see depthwise.cu. */
final class Depthwise {
  /** Pixels of a row that a thread computes; COLUMNS of depthwise.cu. */
  private static final int COLUMNS = 4;

  private Depthwise() {}

  static void run(Session s, ConvOp op, List<Operand> out, List<Operand> in) {
    ConvGeometry g = op.geometry();
    Operand y = out.getFirst();
    switch (op) {
      case ConvOp.Forward o -> forward(s, g, struct(g), y, in, Convolutions.epilogue(o, in), false);
      case ConvOp.DataGrad o -> dataGradient(s, g, y, in);
      case ConvOp.WeightGrad o -> weightGradient(s, g, y, in);
    }
  }

  /** With the kernel turned by 180 degrees, or not. */
  private static void forward(
      Session s,
      ConvGeometry g,
      Struct struct,
      Operand y,
      List<Operand> in,
      Struct epilogue,
      boolean turned) {
    List<Object> places = new ArrayList<>(in);
    places.set(1, y); // the weights are packed to aligned memory
    int width = width(g, places.toArray());
    long columns = Math.ceilDiv(y.shape().dim(2), COLUMNS);
    Count.of(y);
    int threads = Count.of(y.shape().product(0, 2) * columns * (y.shape().dim(3) / width));
    s.launcher.launch(
        "depthwise_" + width,
        Grid.linear(threads),
        in.getFirst(),
        weights(s, g, in.get(1)),
        y,
        threads,
        struct,
        epilogue,
        turned ? 1 : 0);
  }

  private static void dataGradient(Session s, ConvGeometry g, Operand dx, List<Operand> in) {
    if (g.strideH() == 1 && g.strideW() == 1 && g.o() == g.c()) {
      forward(s, g, turned(g), dx, in, Convolutions.noEpilogue(), true);
      return;
    }
    int width = width(g, in.getFirst(), dx);
    int threads = Count.of(dx) / width;
    s.launcher.launch(
        "depthwise_data_" + width,
        Grid.linear(threads),
        in.getFirst(),
        weights(s, g, in.get(1)),
        dx,
        threads,
        struct(g));
  }

  /** Packs of filters are packs of channels only where each channel has one filter. */
  private static int width(ConvGeometry g, Object... places) {
    return g.o() == g.c() ? Width.of(g.c(), places) : 1;
  }

  private static long weights(Session s, ConvGeometry g, Operand w) {
    int n = Count.of(w);
    int positions = g.kernelH() * g.kernelW();
    return ((CudaBuffer) w.buffer())
        .packed(
            Convolutions.packing("depthwise", g),
            w.offset(),
            4L * n,
            to ->
                s.launcher.launch("depthwise_weights", Grid.linear(n), w, to, n, g.o(), positions));
  }

  private static void weightGradient(Session s, ConvGeometry g, Operand dw, List<Operand> in) {
    int positions = g.kernelH() * g.kernelW();
    int pixels = Count.of((long) g.n() * g.outH() * g.outW());
    int width = width(g, in.get(0), in.get(1));
    boolean whole = g.kernelH() == 3 && g.kernelW() == 3;
    int inGrid = whole ? 1 : positions;
    long blocks = (long) inGrid * Grid.columns(g.o(), width, 1, 1).x();
    int segment = Reductions.segment(blocks, pixels);
    int segments = Math.ceilDiv(pixels, segment);
    try (Scratch parts = new Scratch(s, (long) segments * positions * g.o())) {
      s.launcher.launch(
          "depthwise_weight_parts_" + (whole ? "3x3_" : "") + width,
          Grid.columns(g.o(), width, segments, inGrid),
          in.get(0),
          in.get(1),
          parts.address(),
          struct(g),
          segment);
      s.launcher.launch(
          "depthwise_weight_join",
          Grid.joining(Count.of(dw)),
          parts.address(),
          dw,
          g.o(),
          positions,
          segments);
    }
  }

  /**
   * The convolution, of dy to dx, that is the gradient of one with stride 1. Its padding is below 0
   * where the image was padded by more than the kernel reaches.
   */
  private static Struct turned(ConvGeometry g) {
    int reachH = g.dilationH() * (g.kernelH() - 1);
    int reachW = g.dilationW() * (g.kernelW() - 1);
    return new Struct()
        .ints(g.n(), g.outH(), g.outW(), g.c(), g.kernelH(), g.kernelW(), 1, 1)
        .ints(reachH - g.padTop(), reachW - g.padLeft(), g.dilationH(), g.dilationW(), g.h(), g.w())
        .ints(1);
  }

  private static Struct struct(ConvGeometry g) {
    return new Struct()
        .ints(g.n(), g.h(), g.w(), g.c(), g.kernelH(), g.kernelW(), g.strideH(), g.strideW())
        .ints(g.padTop(), g.padLeft(), g.dilationH(), g.dilationW(), g.outH(), g.outW())
        .ints(g.o() / g.c());
  }
}
