package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;

/** An activation function on each element, as in {@code new Activate(Activation.GELU)}. */
public class Activate extends Module {
  private final Activation activation;

  /** A layer that applies the function. */
  public Activate(Activation activation) {
    this.activation = activation;
  }

  /** The function. */
  public final Activation activation() {
    return activation;
  }

  @Override
  protected final Variable forward(Variable x) {
    return x.activation(activation);
  }

  @Override
  protected Module inferenceCopy() {
    return new Activate(activation);
  }

  @Override
  public String toString() {
    return activation.label();
  }
}
