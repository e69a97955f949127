package dev.tilework.kernels.plan;

import dev.tilework.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A reduction over one axis: [outer, extent, inner] to [outer, inner]. Neighbouring axes that are
 * reduced alike are one, so most reductions are a single pass.
 */
public record ReductionPass(int outer, int extent, int inner) {
  /** The passes of a reduction over axes, the innermost first; at least one. */
  public static List<ReductionPass> of(Shape x, List<Integer> axes) {
    List<ReductionPass> passes = new ArrayList<>();
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
        passes.add(new ReductionPass(outer, extent, inner));
      } else {
        inner *= extent;
      }
    }
    if (passes.isEmpty()) {
      passes.add(new ReductionPass(inner, 1, 1));
    }
    return passes;
  }

  /** The elements that are reduced. */
  public int elements() {
    return outer * extent * inner;
  }

  /** The elements that are left. */
  public int results() {
    return outer * inner;
  }
}
