package dev.tilework.nn;

import dev.tilework.Shape;
import dev.tilework.autograd.Variable;

/**
 * From (n, h, w, c) to (n, h * w * c), without copying. The order is rows, columns, channels.
 * Libraries that keep images as NCHW have channels, rows, columns here: a reader of their weights
 * reorders the inputs of the first {@link Linear} behind this layer, unless h and w are 1.
 */
public final class Flatten extends Module {
  @Override
  protected Variable forward(Variable x) {
    Shape s = x.shape();
    if (s.rank() < 2) {
      throw new IllegalArgumentException("Flatten: got " + s + ", expected at least two axes");
    }
    return x.reshape(s.dim(0), Math.toIntExact(s.product(1, s.rank())));
  }

  @Override
  protected Module inferenceCopy() {
    return new Flatten();
  }
}
