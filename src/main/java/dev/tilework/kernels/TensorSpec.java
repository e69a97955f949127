package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.Shape;

/** What an operation may know of an operand before it runs: its shape and element type. */
public record TensorSpec(Shape shape, DType dtype) {
  /** A float32 operand. */
  public static TensorSpec f32(Shape shape) {
    return new TensorSpec(shape, DType.FLOAT32);
  }

  /** A float32 operand. */
  public static TensorSpec f32(int... dims) {
    return f32(Shape.of(dims));
  }

  /** An int32 operand. */
  public static TensorSpec i32(Shape shape) {
    return new TensorSpec(shape, DType.INT32);
  }

  /** The size in bytes of such a tensor. */
  public long bytes() {
    return shape.elements() * dtype.bytes();
  }

  @Override
  public String toString() {
    return dtype.name().toLowerCase(java.util.Locale.ROOT) + shape;
  }
}
