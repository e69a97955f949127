package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/**
 * {@code relu(body(x) + shortcut(x))}. Parts: {@code body} and, unless the shortcut is the
 * identity, {@code shortcut}. Where the body is a {@link Sequential} that ends with a {@link
 * BatchNorm2d} or a {@link Conv2d}, the sum and the ReLU cost no pass of their own. Source: He et
 * al., "Deep Residual Learning for Image Recognition", 2016.
 */
public final class Residual extends Module {
  private final Module body;
  private final Module shortcut;

  /** A block whose shortcut is the identity: the body keeps the shape. */
  public Residual(Module body) {
    this(body, null);
  }

  /** A block with a shortcut that gives the body's result shape; null is the identity. */
  public Residual(Module body, Module shortcut) {
    this.body = child("body", body);
    this.shortcut = shortcut == null ? null : child("shortcut", shortcut);
  }

  @Override
  protected Variable forward(Variable x) {
    Variable residual = shortcut == null ? x : shortcut.apply(x);
    return body instanceof Sequential s
        ? s.addRelu(x, residual)
        : body.apply(x).add(residual).relu();
  }
}
