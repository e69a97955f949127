package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/** A layer that adds a residual and applies a ReLU in the pass that computes its own result. */
interface FusesRelu {
  /** {@code relu(layer(x))}. */
  Variable relu(Variable x);

  /** {@code relu(layer(x) + residual)}. */
  Variable addRelu(Variable x, Variable residual);
}
