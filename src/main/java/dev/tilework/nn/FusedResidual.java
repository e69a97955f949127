package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;

/**
 * {@code activation(body(x) + shortcut(x))}. The sum and the activation are part of the body's last
 * convolution or, where the body ends with something else, of the shortcut's.
 */
final class FusedResidual extends InferenceModule {
  private final FusedChain body;
  private final FusedChain shortcut;
  private final Activation activation;

  FusedResidual(FusedChain body, FusedChain shortcut, Activation activation) {
    this.body = child("body", body);
    this.shortcut = child("shortcut", shortcut);
    this.activation = activation;
  }

  @Override
  protected Variable forward(Variable x) {
    if (body.canAdd()) {
      return body.addActivate(x, shortcut.apply(x), activation);
    }
    if (shortcut.canAdd()) {
      return shortcut.addActivate(x, body.apply(x), activation);
    }
    Variable sum = body.apply(x).add(shortcut.apply(x));
    return activation.equals(Activation.IDENTITY) ? sum : sum.activation(activation);
  }
}
