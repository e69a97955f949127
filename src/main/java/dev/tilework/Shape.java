package dev.tilework;

import java.util.Arrays;

/**
 * The extents of a tensor, outermost first; the last axis is contiguous in memory. A shape of rank
 * 0 holds one element. An extent may be 0; operations that need elements refuse such a shape.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final long elements;

  private Shape(int[] dims) {
    this.dims = dims;
    long product = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has a negative extent");
      }
      if (Math.multiplyHigh(product, d) != 0 || product * d < 0) {
        throw new IllegalArgumentException(
            "shape " + Arrays.toString(dims) + " has more elements than a long can count");
      }
      product *= d;
    }
    this.elements = product;
  }

  /** A shape of the given extents. */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** The shape of a single element: rank 0. */
  public static Shape scalar() {
    return SCALAR;
  }

  /** The number of axes. */
  public int rank() {
    return dims.length;
  }

  /** The extent of an axis; a negative axis counts from the last. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** The axis as a number from 0; a negative one counts from the last. */
  public int axis(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new IllegalArgumentException("axis " + axis + " is outside shape " + this);
    }
    return a;
  }

  /** The number of elements. */
  public long elements() {
    return elements;
  }

  /** A copy of the extents. */
  public int[] dims() {
    return dims.clone();
  }

  /** The product of the extents of axes {@code from} (included) to {@code to} (excluded). */
  public long product(int from, int to) {
    long p = 1;
    for (int i = from; i < to; i++) {
      p *= dims[i];
    }
    return p;
  }

  /** This shape with another extent at an axis. */
  public Shape with(int axis, int extent) {
    int[] d = dims.clone();
    d[axis(axis)] = extent;
    return new Shape(d);
  }

  /**
   * The shape that this and another one broadcast to, aligned at the last axis, an extent of 1
   * stretching to the other's, as in NumPy.
   *
   * @throws IllegalArgumentException where two extents differ and neither is 1
   */
  public Shape broadcast(Shape other) {
    int rank = Math.max(rank(), other.rank());
    int[] d = new int[rank];
    for (int i = 0; i < rank; i++) {
      int a = extentFromEnd(rank - i);
      int b = other.extentFromEnd(rank - i);
      if (a != b && a != 1 && b != 1) {
        throw new IllegalArgumentException(
            "shapes " + this + " and " + other + " do not broadcast");
      }
      d[i] = a == 1 ? b : a;
    }
    return Shape.of(d);
  }

  private int extentFromEnd(int i) {
    return i > dims.length ? 1 : dims[dims.length - i];
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape s && Arrays.equals(dims, s.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** The extents in brackets, as in {@code [8, 224, 224, 3]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
