package dev.tilework.opencl;

import dev.tilework.Shape;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.plan.Count;
import java.util.ArrayList;
import java.util.List;

/** Pooling; see pool.cl. */
final class Pooling {
  private final Session session;

  /** The images: the operand of the forward pass, or of its shape. */
  private final Shape images;

  /** The windows' numbers: its result, or of that shape. */
  private final Shape windows;

  private Pooling(Session session, Operand images, Operand windows) {
    this.session = session;
    this.images = images.shape();
    this.windows = windows.shape();
    Count.of(images);
    Count.of(windows);
  }

  static void run(Session s, PoolOp op, List<Operand> out, List<Operand> in) {
    Operand from = in.getFirst();
    Operand to = out.getFirst();
    switch (op) {
      case PoolOp.Max o ->
          new Pooling(s, from, to).forward("max_pool", sliding(o.geometry()), from, to, out.get(1));
      case PoolOp.MaxGrad o ->
          new Pooling(s, to, from)
              .gradient("max_pool_grad", sliding(o.geometry()), from, in.get(1), to);
      case PoolOp.Average o ->
          new Pooling(s, from, to)
              .forward("average_pool", sliding(o.geometry(), o.countPadding()), from, to);
      case PoolOp.AverageGrad o ->
          new Pooling(s, to, from)
              .gradient("average_pool_grad", sliding(o.geometry(), o.countPadding()), from, to);
      case PoolOp.AdaptiveAverage o -> {
        if (o.outH() * o.outW() == 1) {
          global(s, from, to);
        } else {
          Pooling p = new Pooling(s, from, to);
          p.forward("average_pool", p.adaptive(), from, to);
        }
      }
      case PoolOp.AdaptiveAverageGrad o -> {
        Pooling p = new Pooling(s, to, from);
        p.gradient("average_pool_grad", p.adaptive(), from, to);
      }
    }
  }

  /** The mean over all pixels, which may be many for a work-item. */
  private static void global(Session s, Operand x, Operand y) {
    Count.of(x);
    int pixels = x.shape().dim(1) * x.shape().dim(2);
    float scale = (float) (1.0 / pixels);
    Reductions.middle(s, false, scale, x.shape().dim(0), pixels, x.shape().dim(3), x, y);
  }

  /** How windows lie along one axis; a kernel of 0 makes them equal parts. */
  private record Side(int kernel, int stride, int padding) {}

  /** How windows lie, and further numbers for the kernel. */
  private record Windows(Side rows, Side columns, int... others) {}

  private static Windows sliding(PoolGeometry g, int... others) {
    return new Windows(
        new Side(g.kernelH(), g.strideH(), g.padTop()),
        new Side(g.kernelW(), g.strideW(), g.padLeft()),
        others);
  }

  private static Windows sliding(PoolGeometry g, boolean countPadding) {
    return sliding(g, countPadding ? Math.multiplyExact(g.kernelH(), g.kernelW()) : 0);
  }

  private Windows adaptive() {
    for (int axis = 1; axis <= 2; axis++) {
      if ((images.dim(axis) + 1L) * (windows.dim(axis) + 1L) > Integer.MAX_VALUE) {
        throw new DeviceException(
            windows.dim(axis)
                + " windows over "
                + images.dim(axis)
                + " pixels; OpenCL's kernels count to "
                + Integer.MAX_VALUE);
      }
    }
    Side parts = new Side(0, 1, 0);
    return new Windows(parts, parts, 0);
  }

  private void forward(String kernel, Windows w, Operand... operands) {
    launch(kernel, w, windows, operands);
  }

  private void gradient(String kernel, Windows w, Operand... operands) {
    launch(kernel, w, images, operands);
  }

  private void launch(String kernel, Windows w, Shape result, Operand... operands) {
    int vector = session.tuning.get(Parameter.ELEMENT_VECTOR);
    int panel = vector * session.tuning.get(Parameter.COLUMN_VECTORS);
    Grid row = Grid.plane(session, (result.dim(3) + panel - 1) / panel, result.dim(2));
    List<Object> arguments = new ArrayList<>(List.of(operands));
    axis(1, w.rows, arguments);
    axis(2, w.columns, arguments);
    arguments.add(images.dim(3));
    arguments.add(new Divisor((int) row.global(0)));
    for (int other : w.others) {
      arguments.add(other);
    }
    long rows = (long) result.dim(0) * result.dim(1);
    session.launcher.launch(kernel, row.times(rows), arguments.toArray());
  }

  private void axis(int axis, Side side, List<Object> arguments) {
    arguments.add(new Divisor(images.dim(axis)));
    arguments.add(new Divisor(windows.dim(axis)));
    arguments.add(side.kernel);
    arguments.add(new Divisor(side.stride));
    arguments.add(side.padding);
  }
}
