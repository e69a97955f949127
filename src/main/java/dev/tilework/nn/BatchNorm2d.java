package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.NormOp;

/**
 * Batch normalization of each channel (the last axis) of images (n, h, w, channels): {@code weight
 * * (x - mean) / sqrt(variance + eps) + bias}. In training mean and variance are those of the
 * batch, and the running statistics move to them by {@code momentum}; in inference they are the
 * running ones. Source: Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training
 * by Reducing Internal Covariate Shift", 2015.
 *
 * <p>Parameters: {@code weight}, {@code bias}; buffers: {@code running_mean}, {@code running_var};
 * each (channels).
 */
public final class BatchNorm2d extends Module implements FusesRelu {
  private final int channels;
  private final float eps;
  private final float momentum;
  private final Parameter weight;
  private final Parameter bias;
  private final Parameter runningMean;
  private final Parameter runningVar;

  /** With eps 1e-5 and momentum 0.1. */
  public BatchNorm2d(int channels) {
    this(channels, 1e-5f, 0.1f);
  }

  /**
   * A layer.
   *
   * @param eps added to the variance
   * @param momentum the part of the batch in the new running statistics
   */
  public BatchNorm2d(int channels, float eps, float momentum) {
    if (channels < 1 || !(eps > 0) || !(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException(
          "BatchNorm2d: got "
              + channels
              + " channels, eps "
              + eps
              + ", momentum "
              + momentum
              + "; expected at least one channel, eps above 0, momentum from 0 to 1");
    }
    this.channels = channels;
    this.eps = eps;
    this.momentum = momentum;
    weight = parameter("weight", Init.constant(1), channels);
    bias = parameter("bias", Init.constant(0), channels);
    runningMean = buffer("running_mean", Init.constant(0), channels);
    runningVar = buffer("running_var", Init.constant(1), channels);
  }

  float eps() {
    return eps;
  }

  @Override
  protected Variable forward(Variable x) {
    return run(x, null, false);
  }

  /** {@code relu(norm(x))} in one pass. */
  @Override
  public Variable relu(Variable x) {
    return observed(run(x, null, true));
  }

  /** {@code relu(norm(x) + residual)} in one pass. */
  @Override
  public Variable addRelu(Variable x, Variable residual) {
    return observed(run(x, residual, true));
  }

  private Variable run(Variable x, Variable residual, boolean relu) {
    boolean add = residual != null;
    NormOp op =
        isTraining()
            ? new NormOp.BatchNormTraining(eps, momentum, relu, add)
            : new NormOp.BatchNormInference(eps, relu, add);
    Variable w = weight.variable();
    Variable b = bias.variable();
    Variable mean = runningMean.variable();
    Variable var = runningVar.variable();
    return add
        ? Variable.apply(op, x, w, b, mean, var, residual)
        : Variable.apply(op, x, w, b, mean, var);
  }

  @Override
  public String toString() {
    return "BatchNorm2d(" + channels + ")";
  }
}
