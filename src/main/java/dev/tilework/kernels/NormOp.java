package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.require;
import static dev.tilework.kernels.Check.shape;

import dev.tilework.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Batch normalization over all axes but the last (the channels), with the residual addition and the
 * ReLU that often follow in the same pass. Source: Ioffe and Szegedy, "Batch Normalization:
 * Accelerating Deep Network Training by Reducing Internal Covariate Shift", 2015.
 */
public sealed interface NormOp extends Op {
  /**
   * With the statistics of the batch: {@code y = relu(gamma * (x - mean) / sqrt(variance + eps) +
   * beta + residual)}, the variance over m pixels divided by m. The running statistics are updated:
   * {@code running = (1 - momentum) * running + momentum * batch}, the variance there divided by m
   * - 1 (by 1 where m is 1).
   *
   * <p>Operands: x (..., c); gamma (c); beta (c); running mean (c); running variance (c); residual
   * of x's shape where {@code residual}. Results: y of x's shape; mean (c); 1 / sqrt(variance +
   * eps) (c).
   */
  record BatchNormTraining(float eps, float momentum, boolean relu, boolean residual)
      implements NormOp {
    @Override
    public String name() {
      return "batch_norm_training";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(
          residual ? 6 : 5,
          this,
          in,
          "x, gamma, beta, running mean, running variance" + (residual ? ", residual" : ""));
      TensorSpec c = channels(this, in, 0, 1, 5);
      if (residual) {
        shape(5, in.get(0).shape(), "residual", this, in);
      }
      return List.of(in.get(0), c, c);
    }

    @Override
    public List<Integer> updates() {
      return List.of(3, 4);
    }
  }

  /**
   * With given statistics: {@code y = relu(gamma * (x - mean) / sqrt(variance + eps) + beta +
   * residual)}. Operands: x (..., c); gamma; beta; mean; variance, each (c); residual of x's shape
   * where {@code residual}. Result: y.
   */
  record BatchNormInference(float eps, boolean relu, boolean residual) implements NormOp {
    @Override
    public String name() {
      return "batch_norm_inference";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(
          residual ? 6 : 5,
          this,
          in,
          "x, gamma, beta, mean, variance" + (residual ? ", residual" : ""));
      channels(this, in, 0, 1, 5);
      if (residual) {
        shape(5, in.get(0).shape(), "residual", this, in);
      }
      return List.of(in.get(0));
    }
  }

  /**
   * The gradient of {@link BatchNormTraining}. Operands: dy (..., c); x; gamma (c); mean (c); 1 /
   * sqrt(variance + eps) (c); y where {@code relu}. Results: dx; dgamma (c); dbeta (c); the
   * gradient to the residual, of x's shape, where {@code residual}.
   */
  record BatchNormTrainingGrad(boolean relu, boolean residual) implements NormOp {
    @Override
    public String name() {
      return "batch_norm_training_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(relu ? 6 : 5, this, in, "dy, x, gamma, mean, inverse deviation" + (relu ? ", y" : ""));
      return gradOutputs(this, in, 2, relu, residual);
    }
  }

  /**
   * The gradient of {@link BatchNormInference} to x, gamma, beta and residual, the statistics being
   * constants. Operands: dy (..., c); x; gamma; mean; variance, each (c); y where {@code relu}.
   * Results: as {@link BatchNormTrainingGrad}.
   */
  record BatchNormInferenceGrad(float eps, boolean relu, boolean residual) implements NormOp {
    @Override
    public String name() {
      return "batch_norm_inference_grad";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      floats(relu ? 6 : 5, this, in, "dy, x, gamma, mean, variance" + (relu ? ", y" : ""));
      return gradOutputs(this, in, 2, relu, residual);
    }
  }

  private static TensorSpec channels(Op op, List<TensorSpec> in, int x, int from, int to) {
    Shape s = in.get(x).shape();
    require(s.rank() >= 2, op, in, "x of at least two axes, channels last");
    Shape c = Shape.of(s.dim(-1));
    for (int i = from; i < to; i++) {
      shape(i, c, "a value per channel", op, in);
    }
    return TensorSpec.f32(c);
  }

  private static List<TensorSpec> gradOutputs(
      Op op, List<TensorSpec> in, int from, boolean relu, boolean residual) {
    TensorSpec c = channels(op, in, 0, from, 5);
    Shape s = in.get(0).shape();
    shape(1, s, "x", op, in);
    if (relu) {
      shape(5, s, "y", op, in);
    }
    List<TensorSpec> out = new ArrayList<>(List.of(in.get(0), c, c));
    if (residual) {
      out.add(in.get(0));
    }
    return out;
  }
}
