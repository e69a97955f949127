package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.Shape;
import java.util.List;

/** Checks of operands with messages that name the operation, what it got and what it expected. */
final class Check {
  private Check() {}

  static IllegalArgumentException bad(Op op, List<TensorSpec> inputs, String expected) {
    return new IllegalArgumentException(op.name() + ": got " + inputs + ", expected " + expected);
  }

  static void require(boolean condition, Op op, List<TensorSpec> inputs, String expected) {
    if (!condition) {
      throw bad(op, inputs, expected);
    }
  }

  static void count(int n, Op op, List<TensorSpec> inputs, String expected) {
    require(inputs.size() == n, op, inputs, n + " operands: " + expected);
  }

  static void floats(Op op, List<TensorSpec> inputs) {
    for (TensorSpec s : inputs) {
      require(s.dtype() == DType.FLOAT32, op, inputs, "float32 operands");
    }
  }

  static void shape(int i, Shape shape, String role, Op op, List<TensorSpec> inputs) {
    require(
        inputs.get(i).shape().equals(shape),
        op,
        inputs,
        role + " (operand " + i + ") of shape " + shape);
  }

  static void notEmpty(Op op, List<TensorSpec> inputs) {
    for (TensorSpec s : inputs) {
      require(s.shape().elements() > 0, op, inputs, "operands that are not empty");
    }
  }

  /** {@code count} float32 operands with elements. */
  static void floats(int n, Op op, List<TensorSpec> inputs, String expected) {
    count(n, op, inputs, expected);
    floats(op, inputs);
    notEmpty(op, inputs);
  }
}
