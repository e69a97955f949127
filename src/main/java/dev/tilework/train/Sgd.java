package dev.tilework.train;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.OptimizerOp;
import java.util.List;
import java.util.Map;

/** Gradient descent with momentum; the formula is at {@link OptimizerOp.Sgd}. */
public final class Sgd extends Optimizer {
  private final float momentum;
  private final boolean nesterov;

  /**
   * An optimizer at rest.
   *
   * @param parameters as {@code Module.parameters} gives them
   * @param momentum the share of the last step that goes on, from 0 to below 1
   * @param nesterov whether the gradient is weighted as if the step were taken already
   */
  public Sgd(
      Map<String, Variable> parameters, float momentum, boolean nesterov, WeightDecay decay) {
    this(List.of(ParameterGroup.of(parameters, decay)), momentum, nesterov);
  }

  /**
   * An optimizer at rest whose groups learn at rates of their own.
   *
   * @param momentum the share of the last step that goes on, from 0 to below 1
   * @param nesterov whether the gradient is weighted as if the step were taken already
   */
  public Sgd(List<ParameterGroup> groups, float momentum, boolean nesterov) {
    if (!(momentum >= 0 && momentum < 1) || (nesterov && momentum == 0)) {
      throw new IllegalArgumentException(
          "sgd: momentum "
              + momentum
              + (nesterov ? " with Nesterov" : "")
              + ", expected 0 to below 1, above 0 with Nesterov");
    }
    super(groups, "momentum");
    this.momentum = momentum;
    this.nesterov = nesterov;
  }

  @Override
  OptimizerOp operation(float rate, float weightDecay, int step) {
    return new OptimizerOp.Sgd(rate, momentum, nesterov, weightDecay);
  }

  @Override
  public String toString() {
    return "Sgd[momentum=" + momentum + ", nesterov=" + nesterov + ", " + groups() + "]";
  }
}
