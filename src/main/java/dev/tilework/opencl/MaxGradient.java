package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.ReductionPass;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradient of the maximum: dx = 1 where x is the maximum, else 0; the sums of that; dx times dy
 * over the sum.
 */
final class MaxGradient {
  private final Session session;
  private final List<ReductionPass> passes;
  private final List<Scratch> held = new ArrayList<>();

  private MaxGradient(Session session, AxisReduction sum) {
    this.session = session;
    this.passes = sum.passes;
  }

  static void run(Session s, List<Integer> axes, Operand dx, List<Operand> in) {
    AxisReduction sum = new AxisReduction(s, false, dx.shape(), axes);
    new MaxGradient(s, sum).run(sum, dx, in);
  }

  private void run(AxisReduction sum, Operand dx, List<Operand> in) {
    // The kernels step over one axis; along others, numbers are repeated first.
    ReductionPass p = passes.getFirst();
    int n = p.elements();
    try (Scratch count = Scratch.floats(session, passes.getLast().results())) {
      Object y = repeated(in.get(1));
      launch("mark_maxima", n, in.get(2), y, dx, n, p.extent(), p.inner());
      sum.run(dx, count.view, 1);
      Object dy = repeated(in.get(0));
      launch("share_maxima", n, dx, dy, repeated(count.view), n, p.extent(), p.inner());
    } finally {
      held.forEach(Scratch::close);
    }
  }

  /** One number per result, repeated along all reduced axes but the innermost. */
  private Object repeated(Object numbers) {
    Object from = numbers;
    for (int k = passes.size() - 1; k > 0; k--) {
      ReductionPass p = passes.get(k);
      Scratch to = Scratch.floats(session, p.elements());
      held.add(to);
      launch("repeat_extent", p.elements(), from, to.view, p.elements(), p.extent(), p.inner());
      from = to.view;
    }
    return from;
  }

  private void launch(String kernel, int items, Object... arguments) {
    session.launcher.launch(kernel, Grid.linear(session, items), arguments);
  }
}
