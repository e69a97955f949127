package dev.tilework.train;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.OptimizerOp;
import java.util.List;
import java.util.Map;

/** Adam and AdamW; the formulas are at {@link OptimizerOp.Adam}. */
public final class Adam extends Optimizer {
  private final float beta1;
  private final float beta2;
  private final float eps;
  private final boolean decoupled;

  /**
   * An optimizer at rest.
   *
   * @param parameters as {@code Module.parameters} gives them
   * @param beta1 the decay of the mean of gradients, from 0 to below 1
   * @param beta2 the decay of the mean of their squares, from 0 to below 1
   * @param eps added to the denominator
   * @param decoupled whether weight decay acts on the weights (AdamW) instead of the gradients
   */
  public Adam(
      Map<String, Variable> parameters,
      float beta1,
      float beta2,
      float eps,
      boolean decoupled,
      WeightDecay decay) {
    this(List.of(ParameterGroup.of(parameters, decay)), beta1, beta2, eps, decoupled);
  }

  /**
   * An optimizer at rest whose groups learn at rates of their own.
   *
   * @param beta1 the decay of the mean of gradients, from 0 to below 1
   * @param beta2 the decay of the mean of their squares, from 0 to below 1
   * @param eps added to the denominator
   * @param decoupled whether weight decay acts on the weights (AdamW) instead of the gradients
   */
  public Adam(List<ParameterGroup> groups, float beta1, float beta2, float eps, boolean decoupled) {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && eps > 0)) {
      throw new IllegalArgumentException(
          "adam: beta1 "
              + beta1
              + ", beta2 "
              + beta2
              + ", eps "
              + eps
              + "; expected betas from 0 to below 1 and eps above 0");
    }
    super(groups, "mean", "square");
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.eps = eps;
    this.decoupled = decoupled;
  }

  /** Adam with betas 0.9 and 0.999 and without weight decay. */
  public static Adam adam(Map<String, Variable> parameters) {
    return new Adam(parameters, 0.9f, 0.999f, 1e-8f, false, WeightDecay.NONE);
  }

  /** AdamW with betas 0.9 and 0.999. */
  public static Adam adamW(Map<String, Variable> parameters, WeightDecay decay) {
    return new Adam(parameters, 0.9f, 0.999f, 1e-8f, true, decay);
  }

  @Override
  OptimizerOp operation(float rate, float weightDecay, int step) {
    return new OptimizerOp.Adam(rate, beta1, beta2, eps, weightDecay, decoupled, step);
  }

  @Override
  public String toString() {
    return (decoupled ? "AdamW" : "Adam")
        + "[beta1="
        + beta1
        + ", beta2="
        + beta2
        + ", eps="
        + eps
        + ", "
        + groups()
        + "]";
  }
}
