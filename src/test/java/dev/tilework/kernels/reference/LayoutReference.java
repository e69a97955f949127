package dev.tilework.kernels.reference;

import dev.tilework.Shape;
import dev.tilework.kernels.LayoutOp;
import java.util.List;

/** Operations that move elements. */
final class LayoutReference {
  private LayoutReference() {}

  static void run(LayoutOp op, List<HostTensor> in, HostTensor out) {
    switch (op) {
      case LayoutOp.Concat o -> {
        int start = 0;
        for (HostTensor part : in) {
          for (int i = 0; i < part.size(); i++) {
            int[] at = position(part.shape(), i);
            at[o.axis()] += start;
            out.set(offset(out.shape(), at), part.get(i));
          }
          start += part.shape().dim(o.axis());
        }
      }
      case LayoutOp.Slice o -> {
        HostTensor x = in.getFirst();
        for (int i = 0; i < out.size(); i++) {
          int[] at = position(out.shape(), i);
          at[o.axis()] += o.start();
          out.set(i, x.get(offset(x.shape(), at)));
        }
      }
      case LayoutOp.SliceGrad o -> {
        HostTensor dy = in.getFirst();
        for (int i = 0; i < dy.size(); i++) {
          int[] at = position(dy.shape(), i);
          at[o.axis()] += o.start();
          out.set(offset(out.shape(), at), dy.get(i));
        }
      }
      case LayoutOp.Transpose o -> {
        HostTensor x = in.getFirst();
        for (int i = 0; i < out.size(); i++) {
          int[] to = position(out.shape(), i);
          int[] from = new int[to.length];
          for (int axis = 0; axis < to.length; axis++) {
            from[o.axes().get(axis)] = to[axis];
          }
          out.set(i, x.get(offset(x.shape(), from)));
        }
      }
      case LayoutOp.BroadcastTo o -> {
        HostTensor x = in.getFirst();
        for (int i = 0; i < out.size(); i++) {
          out.set(i, x.get(ElementwiseReference.source(out.shape(), x.shape(), i)));
        }
      }
      case LayoutOp.Fill o -> {
        for (int i = 0; i < out.size(); i++) {
          out.set(i, ElementwiseReference.cast(o.value(), o.dtype()));
        }
      }
    }
  }

  /** The coordinates of element i. */
  static int[] position(Shape s, int i) {
    int[] at = new int[s.rank()];
    for (int axis = s.rank() - 1; axis >= 0; axis--) {
      at[axis] = i % s.dim(axis);
      i /= s.dim(axis);
    }
    return at;
  }

  /** The number of the element at coordinates. */
  static int offset(Shape s, int... at) {
    int i = 0;
    for (int axis = 0; axis < s.rank(); axis++) {
      i = i * s.dim(axis) + at[axis];
    }
    return i;
  }
}
