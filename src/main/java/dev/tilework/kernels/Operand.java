package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.Shape;

/**
 * A tensor as a device sees it: dense memory of a shape, from a byte offset in a buffer. The last
 * axis is contiguous.
 */
public record Operand(Buffer buffer, long offset, TensorSpec spec) {
  /** The extents. */
  public Shape shape() {
    return spec.shape();
  }

  /** The element type. */
  public DType dtype() {
    return spec.dtype();
  }

  /** The number of elements. */
  public long elements() {
    return spec.shape().elements();
  }
}
