package dev.tilework.nn;

import dev.tilework.kernels.Activation;

/** max(x, 0). */
public final class Relu extends Activate {
  /** A layer. */
  public Relu() {
    super(Activation.RELU);
  }
}
