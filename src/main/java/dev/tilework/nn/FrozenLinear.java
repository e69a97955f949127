package dev.tilework.nn;

import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;

/** A linear layer that does not train. */
final class FrozenLinear extends InferenceModule {
  private final Tensor weight;
  private final Tensor bias;

  /** Takes the tensors over; the bias may be null. */
  FrozenLinear(Tensor weight, Tensor bias) {
    this.weight = buffer("weight", weight);
    this.bias = bias == null ? null : buffer("bias", bias);
  }

  @Override
  protected Variable forward(Variable x) {
    return bias == null
        ? x.linear(Variable.of(weight))
        : x.linear(Variable.of(weight), Variable.of(bias));
  }
}
