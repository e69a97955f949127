package dev.tilework.cuda;

import dev.tilework.Shape;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;
import java.util.stream.Stream;

/** Pooling; see pool.cu. */
final class Pooling {
  private Pooling() {}

  static void run(Session s, PoolOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    Operand x = in.getFirst();
    Count.of(x);
    int n = Count.of(y);
    // The axis of channels, innermost on both sides, is what packs lie along.
    Object[] places = Stream.concat(in.stream(), out.stream()).toArray();
    int width = Width.of(y.shape().dim(3), places);
    String kernel = op.name() + "_" + width;
    int threads = n / width;
    Grid grid = Grid.linear(threads);
    switch (op) {
      case PoolOp.Max o ->
          s.launcher.launch(kernel, grid, x, y, out.get(1), threads, struct(o.geometry()));
      case PoolOp.MaxGrad o ->
          s.launcher.launch(kernel, grid, x, in.get(1), y, threads, struct(o.geometry()));
      case PoolOp.Average o ->
          s.launcher.launch(
              kernel, grid, x, y, threads, struct(o.geometry()), o.countPadding() ? 1 : 0);
      case PoolOp.AverageGrad o ->
          s.launcher.launch(
              kernel, grid, x, y, threads, struct(o.geometry()), o.countPadding() ? 1 : 0);
      case PoolOp.AdaptiveAverage o ->
          s.launcher.launch(kernel, grid, x, y, threads, struct(x.shape(), o.outH(), o.outW()));
      case PoolOp.AdaptiveAverageGrad o ->
          s.launcher.launch(
              kernel, grid, x, y, threads, struct(y.shape(), x.shape().dim(1), x.shape().dim(2)));
    }
  }

  private static Struct struct(PoolGeometry g) {
    return new Struct()
        .ints(g.n(), g.h(), g.w(), g.c(), g.kernelH(), g.kernelW(), g.strideH(), g.strideW())
        .ints(g.padTop(), g.padLeft(), g.outH(), g.outW());
  }

  private static Struct struct(Shape images, int outH, int outW) {
    return new Struct()
        .ints(images.dim(0), images.dim(1), images.dim(2), images.dim(3))
        .ints(0, 0, 0, 0, 0, 0, outH, outW);
  }
}
