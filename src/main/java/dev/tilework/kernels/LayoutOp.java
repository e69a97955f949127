package dev.tilework.kernels;

import static dev.tilework.kernels.Check.count;
import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.DType;
import dev.tilework.Shape;
import java.util.List;

/**
 * Operations that move elements without computing, for every element type unless said otherwise.
 */
public sealed interface LayoutOp extends Op {
  /** Tensors one after another along an axis. Operands: any number, equal in all else. */
  record Concat(int axis) implements LayoutOp {
    @Override
    public String name() {
      return "concat";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      require(!in.isEmpty(), this, in, "at least one operand");
      Shape first = in.get(0).shape();
      require(axis >= 0 && axis < first.rank(), this, in, "an axis below the rank, got " + axis);
      long extent = 0;
      for (TensorSpec s : in) {
        require(
            s.dtype() == in.get(0).dtype()
                && s.shape().rank() == first.rank()
                && s.shape().with(axis, 0).equals(first.with(axis, 0)),
            this,
            in,
            "operands equal in type and in all extents but that of axis " + axis);
        extent += s.shape().dim(axis);
      }
      return List.of(new TensorSpec(first.with(axis, Math.toIntExact(extent)), in.get(0).dtype()));
    }
  }

  /** A range of an axis. Operand: x. Result: x's shape with {@code length} at the axis. */
  record Slice(int axis, int start, int length) implements LayoutOp {
    @Override
    public String name() {
      return "slice";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(1, this, in, "x");
      Shape x = in.get(0).shape();
      require(
          axis >= 0
              && axis < x.rank()
              && start >= 0
              && length >= 0
              && start + (long) length <= x.dim(axis),
          this,
          in,
          "a range within axis " + axis + ", got start " + start + " and length " + length);
      return List.of(new TensorSpec(x.with(axis, length), in.get(0).dtype()));
    }
  }

  /**
   * The gradient of {@link Slice}: dy surrounded by zeros along the axis. float32 only. Operand:
   * dy. Result: dy's shape with {@code extent} at the axis.
   */
  record SliceGrad(int axis, int start, int extent) implements LayoutOp {
    @Override
    public String name() {
      return "slice_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "dy");
      Shape dy = in.get(0).shape();
      require(
          axis >= 0 && axis < dy.rank() && start >= 0 && start + (long) dy.dim(axis) <= extent,
          this,
          in,
          "a range within " + extent + " of axis " + axis + ", got start " + start);
      return List.of(TensorSpec.f32(dy.with(axis, extent)));
    }
  }

  /** Axes in another order: result axis i is x's axis {@code axes[i]}. Operand: x. */
  record Transpose(List<Integer> axes) implements LayoutOp {
    /** Copies the axes. */
    public Transpose {
      axes = List.copyOf(axes);
    }

    @Override
    public String name() {
      return "transpose";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(1, this, in, "x");
      Shape x = in.get(0).shape();
      boolean permutation = axes.size() == x.rank();
      for (int i = 0; i < x.rank(); i++) {
        permutation &= axes.contains(i);
      }
      require(permutation, this, in, "a permutation of the axes, got " + axes);
      return List.of(
          new TensorSpec(Shape.of(axes.stream().mapToInt(x::dim).toArray()), in.get(0).dtype()));
    }
  }

  /** Elements repeated along axes of extent 1, as in broadcasting. float32 only. Operand: x. */
  record BroadcastTo(Shape shape) implements LayoutOp {
    @Override
    public String name() {
      return "broadcast_to";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(1, this, in, "x");
      boolean ok;
      try {
        ok = in.get(0).shape().broadcast(shape).equals(shape);
      } catch (IllegalArgumentException e) {
        ok = false;
      }
      require(ok, this, in, "a shape that broadcasts to " + shape);
      return List.of(TensorSpec.f32(shape));
    }
  }

  /** A tensor of one value, cast as by {@link ElementwiseOp.Cast}. No operand. */
  record Fill(Shape shape, DType dtype, float value) implements LayoutOp {
    @Override
    public String name() {
      return "fill";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      count(0, this, in, "none");
      return List.of(new TensorSpec(shape, dtype));
    }
  }
}
