package dev.tilework.cuda;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Transposition;
import java.util.List;

/** Axes in another order; see layout.cu. */
final class Transposes {
  private static final int EDGE = 32;

  /** Planes that are narrower would leave most of a square empty. */
  private static final int NARROW = 8;

  private Transposes() {}

  static void run(Session s, List<Integer> axes, Operand y, Operand x) {
    Transposition t = Transposition.of(axes, y, x);
    if (!t.hasPlanesOf(NARROW) || t.count() > Grid.MOST) {
      Layout.move(s, t.move());
      return;
    }
    int squares = Math.ceilDiv(t.height(), EDGE) * Math.ceilDiv(t.width(), EDGE);
    s.launcher.launch(
        "transpose_" + x.dtype().bytes(),
        new Grid(squares, (int) t.count(), 1, EDGE, 8),
        x,
        y,
        Struct.of(t.planes()),
        t.height(),
        t.width(),
        t.fromPitch(),
        t.toPitch());
  }
}
