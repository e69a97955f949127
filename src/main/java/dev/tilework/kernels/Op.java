package dev.tilework.kernels;

import java.util.List;

/**
 * The table of operations: each is a record of its attributes with its name and shape rule, and
 * every device runs every one of them. The families below are sealed, so the compiler checks that a
 * device, a gradient rule or a reference leaves none out.
 */
public sealed interface Op
    permits ConvOp,
        MatmulOp,
        PoolOp,
        ActivationOp,
        SoftmaxOp,
        NormOp,
        LossOp,
        ElementwiseOp,
        ReduceOp,
        LayoutOp,
        RandomOp,
        OptimizerOp,
        ImageOp {
  /** The name in messages, logs and benchmarks, as in {@code conv2d}. */
  String name();

  /**
   * Checks the operands and gives what the operation returns.
   *
   * @return the outputs' shapes and types, in order; empty where all is written in place
   * @throws IllegalArgumentException naming the operation, the operands and what was expected
   */
  List<TensorSpec> outputs(List<TensorSpec> inputs);

  /** The positions of the inputs that the operation updates. */
  default List<Integer> updates() {
    return List.of();
  }

  /** Whether output 0 may be written over an input of the same shape and type. */
  default boolean inPlace() {
    return false;
  }
}
