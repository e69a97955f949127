package dev.tilework.cpu;

import dev.tilework.Shape;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import java.util.List;

/**
 * Pooling, vectors along the channels. Gradients gather: a task owns rows of dx and looks for the
 * windows that cover them, so that no two write to the same place.
 */
final class Pooling {
  private Pooling() {}

  static void run(PoolOp op, List<Operand> out, List<Operand> in) {
    long x = CpuDriver.address(in.get(0));
    long y = CpuDriver.address(out.get(0));
    Shape from = in.get(0).shape();
    Shape to = out.get(0).shape();
    switch (op) {
      case PoolOp.Max o ->
          MaxPool.run(
              from, rows(o.geometry()), columns(o.geometry()), x, y, CpuDriver.address(out.get(1)));
      case PoolOp.MaxGrad o ->
          MaxPool.gradient(
              to, rows(o.geometry()), columns(o.geometry()), x, CpuDriver.address(in.get(1)), y);
      case PoolOp.Average o -> {
        PoolGeometry g = o.geometry();
        AveragePool.run(from, rows(g), columns(g), divisor(g, o.countPadding()), x, y);
      }
      case PoolOp.AverageGrad o -> {
        PoolGeometry g = o.geometry();
        AveragePool.gradient(to, rows(g), columns(g), divisor(g, o.countPadding()), x, y);
      }
      case PoolOp.AdaptiveAverage o ->
          AveragePool.run(
              from,
              Windows.adaptive(from.dim(1), o.outH()),
              Windows.adaptive(from.dim(2), o.outW()),
              0,
              x,
              y);
      case PoolOp.AdaptiveAverageGrad o ->
          AveragePool.gradient(
              to,
              Windows.adaptive(o.h(), from.dim(1)),
              Windows.adaptive(o.w(), from.dim(2)),
              0,
              x,
              y);
    }
  }

  private static Windows rows(PoolGeometry g) {
    return Windows.sliding(g.h(), g.outH(), g.kernelH(), g.strideH(), g.padTop());
  }

  private static Windows columns(PoolGeometry g) {
    return Windows.sliding(g.w(), g.outW(), g.kernelW(), g.strideW(), g.padLeft());
  }

  /** The number to divide by, or 0 for the number of pixels in each window. */
  private static int divisor(PoolGeometry g, boolean countPadding) {
    return countPadding ? Math.multiplyExact(g.kernelH(), g.kernelW()) : 0;
  }
}
