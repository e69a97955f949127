package dev.tilework.cuda;

import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import dev.tilework.kernels.plan.FillBits;
import dev.tilework.kernels.plan.Move;
import java.util.List;

/** Moving elements; see layout.cu. */
final class Layout {
  private Layout() {}

  static void run(Session s, LayoutOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    Count.of(y);
    in.forEach(Count::of);
    if (y.elements() == 0) {
      return;
    }
    switch (op) {
      case LayoutOp.Concat o -> Move.concat(o.axis(), y, in).forEach(m -> move(s, m));
      case LayoutOp.Slice o -> move(s, Move.slice(o, y, in.getFirst()));
      case LayoutOp.SliceGrad o -> sliceGrad(s, o, y, in.getFirst());
      case LayoutOp.Transpose o -> Transposes.run(s, o.axes(), y, in.getFirst());
      case LayoutOp.BroadcastTo o -> move(s, Move.broadcast(y, in.getFirst()));
      case LayoutOp.Fill o -> {
        int n = Count.of(y);
        s.launcher.launch("fill_" + o.dtype().bytes(), Grid.linear(n), y, n, FillBits.of(o));
      }
    }
  }

  private static void sliceGrad(Session s, LayoutOp.SliceGrad op, Operand dx, Operand dy) {
    int n = Count.of(dx);
    int before = op.start() * Move.pitch(dx, op.axis() + 1);
    int width = Move.pitch(dy, op.axis());
    int pitch = Move.pitch(dx, op.axis());
    s.launcher.launch("slice_grad", Grid.linear(n), dy, dx, n, width, before, pitch);
  }

  /** Copies the elements of a move. */
  static void move(Session s, Move m) {
    int n = m.elements();
    if (m.isCopy()) {
      copy(s, m.from(), m.to(), n);
    } else {
      String kernel = "move_" + m.from().dtype().bytes();
      s.launcher.launch(kernel, Grid.linear(n), m.from(), m.to(), n, Struct.of(m.loops()));
    }
  }

  /** Copies so many elements. */
  static void copy(Session s, Operand x, Operand y, long n) {
    s.copy(
        ((CudaBuffer) y.buffer()).address.withByteOffset(y.offset()),
        ((CudaBuffer) x.buffer()).address.withByteOffset(x.offset()),
        n * x.dtype().bytes());
  }
}
