package dev.tilework.cuda;

import dev.tilework.Shape;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Pooling; see pool.cu. */
final class Pooling {
  private Pooling() {}

  static void run(Session s, PoolOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    Operand x = in.getFirst();
    Count.of(x);
    int n = Count.of(y);
    Grid grid = Grid.linear(n);
    switch (op) {
      case PoolOp.Max o ->
          s.launcher.launch("max_pool", grid, x, y, out.get(1), n, struct(o.geometry()));
      case PoolOp.MaxGrad o ->
          s.launcher.launch("max_pool_grad", grid, x, in.get(1), y, n, struct(o.geometry()));
      case PoolOp.Average o ->
          s.launcher.launch(
              "average_pool", grid, x, y, n, struct(o.geometry()), o.countPadding() ? 1 : 0);
      case PoolOp.AverageGrad o ->
          s.launcher.launch(
              "average_pool_grad", grid, x, y, n, struct(o.geometry()), o.countPadding() ? 1 : 0);
      case PoolOp.AdaptiveAverage o ->
          s.launcher.launch(
              "adaptive_average_pool", grid, x, y, n, struct(x.shape(), o.outH(), o.outW()));
      case PoolOp.AdaptiveAverageGrad o ->
          s.launcher.launch(
              "adaptive_average_pool_grad",
              grid,
              x,
              y,
              n,
              struct(y.shape(), x.shape().dim(1), x.shape().dim(2)));
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
