package dev.tilework.nn;

import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.NormOp;

/** A batch normalization that no convolution stands before, with or without a ReLU behind it. */
final class FrozenNorm extends InferenceModule {
  private final NormOp op;
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor mean;
  private final Tensor var;

  /** Takes the tensors over. */
  FrozenNorm(float eps, boolean relu, Tensor weight, Tensor bias, Tensor mean, Tensor var) {
    op = new NormOp.BatchNormInference(eps, relu, false);
    this.weight = buffer("weight", weight);
    this.bias = buffer("bias", bias);
    this.mean = buffer("running_mean", mean);
    this.var = buffer("running_var", var);
  }

  @Override
  protected Variable forward(Variable x) {
    return Variable.apply(
        op, x, Variable.of(weight), Variable.of(bias), Variable.of(mean), Variable.of(var));
  }
}
