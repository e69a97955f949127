package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;

/**
 * {@code relu(body(x) + shortcut(x))}, or another activation of the sum. Parts: {@code body} and,
 * unless the shortcut is the identity, {@code shortcut}. Where the body is a {@link Sequential}
 * that ends with a {@link BatchNorm2d} or a {@link Conv2d}, the sum and the ReLU cost no pass of
 * their own. Source: He et al., "Deep Residual Learning for Image Recognition", 2016.
 */
public final class Residual extends Module {
  private final Module body;
  private final Module shortcut;
  private final Activation activation;

  /** A block whose shortcut is the identity: the body keeps the shape. */
  public Residual(Module body) {
    this(body, null);
  }

  /** A block with a shortcut that gives the body's result shape; null is the identity. */
  public Residual(Module body, Module shortcut) {
    this(body, shortcut, Activation.RELU);
  }

  /**
   * A block with another activation of the sum: {@link Activation#IDENTITY} where the activations
   * stand at the beginning of the bodies.
   */
  public Residual(Module body, Module shortcut, Activation activation) {
    this.body = child("body", body);
    this.shortcut = shortcut == null ? null : child("shortcut", shortcut);
    this.activation = activation;
  }

  Module body() {
    return body;
  }

  /** Null where it is the identity. */
  Module shortcut() {
    return shortcut;
  }

  Activation activation() {
    return activation;
  }

  @Override
  protected Variable forward(Variable x) {
    Variable residual = shortcut == null ? x : shortcut.apply(x);
    if (body instanceof Sequential s && activation.equals(Activation.RELU)) {
      return s.addRelu(x, residual);
    }
    Variable sum = body.apply(x).add(residual);
    return activation.equals(Activation.IDENTITY) ? sum : sum.activation(activation);
  }
}
