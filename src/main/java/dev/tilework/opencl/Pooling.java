package dev.tilework.opencl;

import dev.tilework.Shape;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import java.util.Arrays;
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

  /**
   * How windows lie: kernel, stride and padding of rows, the same of columns, and other numbers.
   */
  private record Windows(int[] rows, int[] columns, int... others) {}

  private static final int KERNEL = 0;
  private static final int STRIDE = 1;
  private static final int PADDING = 2;

  private static Windows sliding(PoolGeometry g, int... others) {
    return new Windows(
        new int[] {g.kernelH(), g.strideH(), g.padTop()},
        new int[] {g.kernelW(), g.strideW(), g.padLeft()},
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
    int[] parts = {0, 1, 0};
    return new Windows(parts, parts, 0);
  }

  private void forward(String kernel, Windows w, Operand... operands) {
    launch(kernel, w, windows, operands);
  }

  private void gradient(String kernel, Windows w, Operand... operands) {
    launch(kernel, w, images, operands);
  }

  private void launch(String kernel, Windows w, Shape result, Operand... operands) {
    Object[] all = Arrays.copyOf(operands, operands.length + 11 + w.others.length, Object[].class);
    int n = operands.length;
    n = axis(1, w.rows, all, n);
    n = axis(2, w.columns, all, n);
    all[n++] = images.dim(3);
    for (int other : w.others) {
      all[n++] = other;
    }
    int vector = session.tuning.get(Parameter.ELEMENT_VECTOR);
    int panel = vector * session.tuning.get(Parameter.COLUMN_VECTORS);
    int panels = (result.dim(3) + panel - 1) / panel;
    long rows = (long) result.dim(0) * result.dim(1);
    session.launcher.launch(kernel, Grid.plane(session, panels, result.dim(2), rows), all);
  }

  private int axis(int axis, int[] windows, Object[] arguments, int n) {
    arguments[n++] = new Divisor(images.dim(axis));
    arguments[n++] = new Divisor(this.windows.dim(axis));
    arguments[n++] = windows[KERNEL];
    arguments[n++] = new Divisor(windows[STRIDE]);
    arguments[n++] = windows[PADDING];
    return n;
  }
}
