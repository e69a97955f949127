package dev.tilework.opencl;

import dev.tilework.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A reduction over any axes, as passes over one axis each. Neighbouring axes that are reduced alike
 * are one, so most reductions are a single pass.
 */
final class AxisReduction {
  private final Session session;
  private final boolean max;

  /** The passes, the innermost axis first. */
  final List<Pass> passes = new ArrayList<>();

  /** What a pass reduces: [outer, extent, inner] to [outer, inner]. */
  record Pass(int outer, int extent, int inner) {
    int elements() {
      return outer * extent * inner;
    }

    int results() {
      return outer * inner;
    }
  }

  AxisReduction(Session session, boolean max, Shape x, List<Integer> axes) {
    this.session = session;
    this.max = max;
    int outer = Count.of(x.elements());
    int inner = 1;
    for (int axis = x.rank() - 1; axis >= 0; ) {
      boolean reduced = axes.contains(axis);
      int extent = 1;
      for (; axis >= 0 && (axes.contains(axis) == reduced || x.dim(axis) == 1); axis--) {
        extent *= x.dim(axis);
      }
      outer /= extent;
      if (reduced && extent > 1) {
        passes.add(new Pass(outer, extent, inner));
      } else {
        inner *= extent;
      }
    }
    if (passes.isEmpty()) {
      passes.add(new Pass(inner, 1, 1));
    }
  }

  /**
   * Enqueues it.
   *
   * @param from an Operand or a View, as {@code to}
   * @param scale multiplies the results
   */
  void run(Object from, Object to, float scale) {
    run(0, from, to, scale);
  }

  private void run(int k, Object from, Object to, float scale) {
    Pass p = passes.get(k);
    if (k == passes.size() - 1) {
      Reductions.middle(session, max, scale, p.outer, p.extent, p.inner, from, to);
      return;
    }
    try (Scratch next = Scratch.floats(session, p.results())) {
      Reductions.middle(session, max, 1, p.outer, p.extent, p.inner, from, next.view);
      run(k + 1, next.view, to, scale);
    }
  }
}
