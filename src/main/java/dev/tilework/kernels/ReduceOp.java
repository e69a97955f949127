package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.Shape;
import java.util.List;
import java.util.Locale;

/** Reductions over axes. */
public sealed interface ReduceOp extends Op {
  /**
   * The sum, mean or maximum over some axes (given as increasing numbers from 0). Operand: x.
   * Result: x's shape with the extents of those axes 1 where {@code keepDims}, else without these
   * axes. The maximum is NaN where any element is.
   */
  record Reduce(Kind kind, List<Integer> axes, boolean keepDims) implements ReduceOp {
    /** What is computed. */
    public enum Kind {
      /** The sum. */
      SUM,
      /** The sum divided by the number of elements. */
      MEAN,
      /** The largest element. */
      MAX
    }

    /** Copies the axes. */
    public Reduce {
      axes = List.copyOf(axes);
    }

    @Override
    public String name() {
      return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      return List.of(TensorSpec.f32(reduced(this, in, axes, keepDims)));
    }
  }

  /**
   * The gradient of the maximum: each largest element gets an equal part. Operands: dy; y, both of
   * x's shape with the reduced extents 1; x. Result: dx.
   */
  record MaxGrad(List<Integer> axes) implements ReduceOp {
    /** Copies the axes. */
    public MaxGrad {
      axes = List.copyOf(axes);
    }

    @Override
    public String name() {
      return "max_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(3, this, in, "dy, y, x");
      Shape kept = reduced(this, List.of(in.get(2)), axes, true);
      shape(0, kept, "dy", this, in);
      shape(1, kept, "y", this, in);
      return List.of(in.get(2));
    }
  }

  /**
   * The position of the largest element along an axis, the first of equals; NaN counts as the
   * largest. Operand: x. Result: int32, x's shape without the axis.
   */
  record ArgMax(int axis) implements ReduceOp {
    @Override
    public String name() {
      return "argmax";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      return List.of(TensorSpec.i32(reduced(this, in, List.of(axis), false)));
    }
  }

  private static Shape reduced(Op op, List<TensorSpec> in, List<Integer> axes, boolean keepDims) {
    Shape x = in.get(0).shape();
    int previous = -1;
    for (int a : axes) {
      require(a > previous && a < x.rank(), op, in, "increasing axes below the rank, got " + axes);
      previous = a;
    }
    int[] d = new int[keepDims ? x.rank() : x.rank() - axes.size()];
    int n = 0;
    for (int i = 0; i < x.rank(); i++) {
      if (!axes.contains(i)) {
        d[n++] = x.dim(i);
      } else if (keepDims) {
        d[n++] = 1;
      }
    }
    return Shape.of(d);
  }
}
