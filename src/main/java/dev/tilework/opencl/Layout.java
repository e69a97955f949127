package dev.tilework.opencl;

import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import dev.tilework.kernels.plan.FillBits;
import dev.tilework.kernels.plan.Move;
import java.util.List;

/** Moving elements; see layout.cl. */
final class Layout {
  private Layout() {}

  static void run(Session s, LayoutOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    Count.of(y);
    for (Operand x : in) {
      Count.of(x);
    }
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
        s.launcher.launch("fill_" + o.dtype().bytes(), Grid.elements(s, n), y, n, FillBits.of(o));
      }
    }
  }

  private static void sliceGrad(Session s, LayoutOp.SliceGrad op, Operand dx, Operand dy) {
    int n = Count.of(dx);
    int before = op.start() * Move.pitch(dx, op.axis() + 1);
    int width = Move.pitch(dy, op.axis());
    Divisor pitch = new Divisor(Move.pitch(dx, op.axis()));
    s.launcher.launch("slice_grad", Grid.elements(s, n), dy, dx, n, width, before, pitch);
  }

  /** Copies the elements of a move. */
  static void move(Session s, Move m) {
    int n = m.elements();
    int size = m.from().dtype().bytes();
    if (m.isCopy()) {
      copy(m.from(), m.to(), (long) n * size);
    } else {
      s.launcher.launch("move_" + size, Grid.elements(s, n), m.from(), m.to(), n, m.loops());
    }
  }

  /** Copies one tensor to another of its size. */
  static void copy(Operand x, Operand y) {
    copy(x, y, x.spec().bytes());
  }

  private static void copy(Operand x, Operand y, long bytes) {
    Transfers.copy((ClBuffer) y.buffer(), y.offset(), (ClBuffer) x.buffer(), x.offset(), bytes);
  }
}
