package dev.tilework.kernels;

import dev.tilework.Shape;
import java.util.Arrays;
import java.util.List;

/**
 * Nested loops over the elements of a shape, and the strides by which operands are stepped through
 * in them. Axes of extent 1 are left out, and neighbouring axes that all operands step through
 * alike are one, so the innermost loop is as long as can be.
 */
public final class Loops {
  /** The extents, outermost first; at least one axis. */
  public final long[] extent;

  /** The strides in elements, for each operand and axis. */
  public final long[][] stride;

  private Loops(long[] extent, long[][] stride) {
    this.extent = extent;
    this.stride = stride;
  }

  /**
   * The loops over a shape to which dense operands broadcast. In the innermost, each has a stride
   * of 1 or 0.
   */
  public static Loops of(Shape shape, Shape... operands) {
    int rank = shape.rank();
    int[] extents = shape.dims();
    long[][] strides = new long[operands.length][rank];
    for (int k = 0; k < operands.length; k++) {
      Shape o = operands[k];
      for (int axis = rank - o.rank(); axis < rank; axis++) {
        int own = axis - (rank - o.rank());
        strides[k][axis] = o.dim(own) == 1 ? 0 : o.product(own + 1, o.rank());
      }
    }
    return over(extents, strides);
  }

  /**
   * The loops over a dense shape with its axes in another order: loop i is over axis {@code
   * axes[i]}. The innermost stride is 1 where the last axis stays the last.
   */
  public static Loops permuted(Shape shape, List<Integer> axes) {
    int[] extents = axes.stream().mapToInt(shape::dim).toArray();
    long[] strides = axes.stream().mapToLong(a -> shape.product(a + 1, shape.rank())).toArray();
    return over(extents, strides);
  }

  /** The loops over some extents, given each operand's strides. */
  public static Loops over(int[] extents, long[]... strides) {
    int rank = extents.length;
    int operands = strides.length;
    long[] extent = new long[Math.max(1, rank)];
    long[][] stride = new long[operands][extent.length];
    // Filled from the end; axis `at` is the outermost so far.
    int at = extent.length;
    for (int axis = rank - 1; axis >= 0; axis--) {
      if (extents[axis] == 1) {
        continue;
      }
      boolean joins = at < extent.length;
      for (int k = 0; joins && k < operands; k++) {
        joins = strides[k][axis] == stride[k][at] * extent[at];
      }
      if (joins) {
        extent[at] *= extents[axis];
        continue;
      }
      at--;
      extent[at] = extents[axis];
      for (int k = 0; k < operands; k++) {
        stride[k][at] = strides[k][axis];
      }
    }
    if (at == extent.length) {
      at--;
      extent[at] = 1;
    }
    for (int k = 0; k < operands; k++) {
      stride[k] = Arrays.copyOfRange(stride[k], at, extent.length);
    }
    return new Loops(Arrays.copyOfRange(extent, at, extent.length), stride);
  }

  /** The extent of the innermost axis. */
  public long inner() {
    return extent[extent.length - 1];
  }

  /** The stride of an operand along the innermost axis. */
  public long innerStride(int operand) {
    return stride[operand][extent.length - 1];
  }

  /** The number of rows: the product of all extents but the innermost. */
  public long rows() {
    long p = 1;
    for (int i = 0; i < extent.length - 1; i++) {
      p *= extent[i];
    }
    return p;
  }

  /** Walks the rows from one of them on. */
  public Cursor from(long row) {
    return new Cursor(row);
  }

  /** Where each operand is at a row. */
  public final class Cursor {
    private final long[] index = new long[extent.length - 1];

    /** The offsets in elements. */
    public final long[] offset = new long[stride.length];

    private Cursor(long row) {
      for (int i = index.length - 1; i >= 0; i--) {
        index[i] = row % extent[i];
        row /= extent[i];
        for (int k = 0; k < offset.length; k++) {
          offset[k] += index[i] * stride[k][i];
        }
      }
    }

    /** Steps to the next row. */
    public void next() {
      for (int i = index.length - 1; i >= 0; i--) {
        boolean carry = ++index[i] == extent[i];
        for (int k = 0; k < offset.length; k++) {
          offset[k] += stride[k][i] * (carry ? 1 - extent[i] : 1);
        }
        if (!carry) {
          return;
        }
        index[i] = 0;
      }
    }
  }
}
