package dev.tilework.kernels.reference;

import dev.tilework.Shape;
import dev.tilework.kernels.ReduceOp;
import java.util.List;

/** Reductions over axes. */
final class ReduceReference {
  private ReduceReference() {}

  static void run(ReduceOp op, List<HostTensor> in, HostTensor out) {
    switch (op) {
      case ReduceOp.Reduce o -> reduce(o, in.getFirst(), out);
      case ReduceOp.MaxGrad o -> maxGrad(o.axes(), in.get(0), in.get(1), in.get(2), out);
      case ReduceOp.ArgMax o -> argMax(o.axis(), in.getFirst(), out);
    }
  }

  /** The number of the result to which element i belongs. */
  private static int target(Shape x, List<Integer> axes, int i) {
    int[] at = LayoutReference.position(x, i);
    int target = 0;
    for (int axis = 0; axis < x.rank(); axis++) {
      if (!axes.contains(axis)) {
        target = target * x.dim(axis) + at[axis];
      }
    }
    return target;
  }

  private static void reduce(ReduceOp.Reduce o, HostTensor x, HostTensor y) {
    double count = (double) x.size() / y.size();
    boolean[] seen = new boolean[y.size()];
    for (int i = 0; i < x.size(); i++) {
      int t = target(x.shape(), o.axes(), i);
      double v = x.get(i);
      switch (o.kind()) {
        case SUM -> y.add(t, v);
        case MEAN -> y.add(t, v / count);
        case MAX -> {
          if (!seen[t] || v > y.get(t) || Double.isNaN(v)) {
            y.set(t, v);
          }
        }
      }
      seen[t] = true;
    }
  }

  private static void maxGrad(
      List<Integer> axes, HostTensor dy, HostTensor y, HostTensor x, HostTensor dx) {
    int[] largest = new int[y.size()];
    for (int i = 0; i < x.size(); i++) {
      int t = target(x.shape(), axes, i);
      if (x.get(i) == y.get(t)) {
        largest[t]++;
      }
    }
    for (int i = 0; i < x.size(); i++) {
      int t = target(x.shape(), axes, i);
      dx.set(i, x.get(i) == y.get(t) ? dy.get(t) / largest[t] : 0);
    }
  }

  private static void argMax(int axis, HostTensor x, HostTensor y) {
    double[] best = new double[y.size()];
    for (int i = 0; i < x.size(); i++) {
      int t = target(x.shape(), List.of(axis), i);
      int position = LayoutReference.position(x.shape(), i)[axis];
      double v = x.get(i);
      if (position == 0 || v > best[t] || Double.isNaN(v) && !Double.isNaN(best[t])) {
        best[t] = v;
        y.set(t, position);
      }
    }
  }
}
