package dev.tilework.kernels.plan;

import dev.tilework.Shape;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * Elements that are copied from one tensor to another.
 *
 * @param loops over the elements; operand 0 is {@code from}, operand 1 is {@code to}
 */
public record Move(Operand from, Operand to, Loops loops) {
  /** The moves that put tensors one after another along an axis. */
  public static List<Move> concat(int axis, Operand y, List<Operand> in) {
    int pitch = pitch(y, axis);
    int outer = (int) y.shape().product(0, axis);
    List<Move> moves = new ArrayList<>();
    int at = 0;
    for (Operand x : in) {
      int width = pitch(x, axis);
      if (width > 0) {
        moves.add(new Move(x, part(y, at, x.shape()), rows(outer, width, width, pitch)));
      }
      at += width;
    }
    return moves;
  }

  /** The move that takes a range of an axis. */
  public static Move slice(LayoutOp.Slice op, Operand y, Operand x) {
    int axis = op.axis();
    int width = pitch(y, axis);
    Operand from = part(x, op.start() * pitch(x, axis + 1), y.shape());
    return new Move(from, y, rows((int) y.shape().product(0, axis), width, pitch(x, axis), width));
  }

  /** The move that repeats elements along axes of extent 1. */
  public static Move broadcast(Operand y, Operand x) {
    return new Move(x, y, Loops.of(y.shape(), x.shape(), y.shape()));
  }

  /** The number of elements. */
  public int elements() {
    return (int) (loops.rows() * loops.inner());
  }

  /** Whether both sides are one piece of memory. */
  public boolean isCopy() {
    boolean dense = loops.innerStride(0) == 1 && loops.innerStride(1) == 1;
    return loops.extent.length == 1 && (elements() == 1 || dense);
  }

  /** The elements in an index of an axis and of all axes inside it. */
  public static int pitch(Operand o, int axis) {
    return (int) o.shape().product(axis, o.shape().rank());
  }

  /** The elements from one on, as a tensor of their own. */
  private static Operand part(Operand o, int first, Shape shape) {
    long offset = o.offset() + (long) first * o.dtype().bytes();
    return new Operand(o.buffer(), offset, new TensorSpec(shape, o.dtype()));
  }

  /** Rows of a width, each so many elements after the last. */
  private static Loops rows(int rows, int width, int fromPitch, int toPitch) {
    return Loops.over(new int[] {rows, width}, new long[] {fromPitch, 1}, new long[] {toPitch, 1});
  }
}
