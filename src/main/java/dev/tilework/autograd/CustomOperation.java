package dev.tilework.autograd;

import dev.tilework.Tensor;

/**
 * An operation of a caller's own, with its gradient, for {@link Variable#apply(CustomOperation,
 * Variable...)}. How it computes is its own affair: by methods of the tensors, in Java, or by a
 * kernel; it takes part in a computation like any other. The tensors it is given are not its own:
 * it must neither write to them nor close them.
 */
public interface CustomOperation {
  /** The name in messages. */
  String name();

  /**
   * The result, a float32 tensor on the operands' device.
   *
   * @param inputs the operands
   */
  Tensor forward(Tensor... inputs);

  /**
   * The gradient to each operand, of its shape; null in place of one that has none.
   *
   * @param dy the gradient to the result, of its shape
   * @param y what {@link #forward} returned
   * @param inputs the operands that {@link #forward} was given
   */
  Tensor[] backward(Tensor dy, Tensor y, Tensor... inputs);
}
