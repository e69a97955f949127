package dev.tilework.cpu;

import dev.tilework.Shape;

/**
 * The loops over a shape to which dense operands broadcast. Axes of extent 1 are left out, and
 * neighbouring axes that all operands step through alike are one, so the innermost axis is as long
 * as can be; there each operand's stride is 1 or 0.
 */
final class Loops {
  /** The extents, outermost first; at least one axis. */
  final long[] extent;

  /** The strides in elements, for each operand and axis. */
  final long[][] stride;

  private Loops(long[] extent, long[][] stride) {
    this.extent = extent;
    this.stride = stride;
  }

  static Loops of(Shape shape, Shape... operands) {
    int rank = shape.rank();
    long[] extent = new long[Math.max(1, rank)];
    long[][] stride = new long[operands.length][extent.length];
    long[] step = new long[operands.length];
    java.util.Arrays.fill(step, 1);
    // Filled from the end; axis `at` is the outermost so far.
    int at = extent.length;
    for (int axis = rank - 1; axis >= 0; axis--) {
      long e = shape.dim(axis);
      long[] s = new long[operands.length];
      boolean joins = at < extent.length;
      for (int k = 0; k < operands.length; k++) {
        int own = axis - (rank - operands[k].rank());
        int d = own < 0 ? 1 : operands[k].dim(own);
        s[k] = d == 1 ? 0 : step[k];
        step[k] *= d;
        joins = joins && s[k] == stride[k][at] * extent[at];
      }
      if (e == 1) {
        continue;
      }
      if (joins) {
        extent[at] *= e;
        continue;
      }
      at--;
      extent[at] = e;
      for (int k = 0; k < operands.length; k++) {
        stride[k][at] = s[k];
      }
    }
    if (at == extent.length) {
      at--;
      extent[at] = 1;
    }
    for (int k = 0; k < operands.length; k++) {
      stride[k] = java.util.Arrays.copyOfRange(stride[k], at, extent.length);
    }
    return new Loops(java.util.Arrays.copyOfRange(extent, at, extent.length), stride);
  }

  /** The extent of the innermost axis. */
  long inner() {
    return extent[extent.length - 1];
  }

  /** The stride of an operand along the innermost axis. */
  long innerStride(int operand) {
    return stride[operand][extent.length - 1];
  }

  /** The number of rows: the product of all extents but the innermost. */
  long rows() {
    long p = 1;
    for (int i = 0; i < extent.length - 1; i++) {
      p *= extent[i];
    }
    return p;
  }

  /** Walks the rows from one of them on. */
  Cursor from(long row) {
    return new Cursor(row);
  }

  /** Where each operand is at a row. */
  final class Cursor {
    private final long[] index = new long[extent.length - 1];

    /** The offsets in elements. */
    final long[] offset = new long[stride.length];

    private Cursor(long row) {
      for (int i = index.length - 1; i >= 0; i--) {
        index[i] = row % extent[i];
        row /= extent[i];
        for (int k = 0; k < offset.length; k++) {
          offset[k] += index[i] * stride[k][i];
        }
      }
    }

    void next() {
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
