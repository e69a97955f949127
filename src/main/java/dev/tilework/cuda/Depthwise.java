package dev.tilework.cuda;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Convolutions with filters for each channel; see depthwise.cu. */
final class Depthwise {
  private Depthwise() {}

  static void run(Session s, ConvOp op, List<Operand> out, List<Operand> in) {
    ConvGeometry g = op.geometry();
    Operand y = out.getFirst();
    switch (op) {
      case ConvOp.Forward o ->
          s.launcher.launch(
              "depthwise",
              Grid.linear(Count.of(y)),
              in.getFirst(),
              weights(s, g, in.get(1)),
              y,
              Count.of(y),
              struct(g),
              Convolutions.epilogue(o, in));
      case ConvOp.DataGrad o ->
          s.launcher.launch(
              "depthwise_data",
              Grid.linear(Count.of(y)),
              in.getFirst(),
              weights(s, g, in.get(1)),
              y,
              Count.of(y),
              struct(g));
      case ConvOp.WeightGrad o -> weightGradient(s, g, y, in);
    }
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
    int segment = Reductions.segment(positions, pixels, g.o());
    int segments = Math.ceilDiv(pixels, segment);
    try (Scratch parts = new Scratch(s, (long) segments * positions * g.o())) {
      s.launcher.launch(
          "depthwise_weight_parts",
          Grid.columns(g.o(), segments, positions),
          in.get(0),
          in.get(1),
          parts.address(),
          struct(g),
          segment);
      int n = Count.of(dw);
      s.launcher.launch(
          "depthwise_weight_join",
          Grid.linear(n),
          parts.address(),
          dw,
          n,
          g.o(),
          positions,
          segments);
    }
  }

  private static Struct struct(ConvGeometry g) {
    return new Struct()
        .ints(g.n(), g.h(), g.w(), g.c(), g.kernelH(), g.kernelW(), g.strideH(), g.strideW())
        .ints(g.padTop(), g.padLeft(), g.dilationH(), g.dilationW(), g.outH(), g.outW())
        .ints(g.o() / g.c());
  }
}
