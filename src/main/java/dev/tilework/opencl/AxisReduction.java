package dev.tilework.opencl;

import dev.tilework.Shape;
import dev.tilework.kernels.plan.ReductionPass;
import java.util.List;

/** A reduction over any axes, as passes over one axis each. */
final class AxisReduction {
  private final Session session;
  private final boolean max;

  /** The passes, the innermost axis first. */
  final List<ReductionPass> passes;

  AxisReduction(Session session, boolean max, Shape x, List<Integer> axes) {
    this.session = session;
    this.max = max;
    passes = ReductionPass.of(x, axes);
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
    ReductionPass p = passes.get(k);
    if (k == passes.size() - 1) {
      Reductions.middle(session, max, scale, p.outer(), p.extent(), p.inner(), from, to);
      return;
    }
    try (Scratch next = Scratch.floats(session, p.results())) {
      Reductions.middle(session, max, 1, p.outer(), p.extent(), p.inner(), from, next.view);
      run(k + 1, next.view, to, scale);
    }
  }
}
