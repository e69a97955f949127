package dev.tilework.kernels;

import static dev.tilework.kernels.Check.floats;
import static dev.tilework.kernels.Check.shape;

import java.util.List;

/** One step of an optimizer on one parameter, in place. */
public sealed interface OptimizerOp extends Op {
  /**
   * Gradient descent with momentum, as in PyTorch: {@code g = gradient + weightDecay * w; v =
   * momentum * v + g; w -= rate * (nesterov ? g + momentum * v : v)}. Operands: w; v; gradient, of
   * one shape. Updates w and v. With momentum 0, v is left as it is.
   */
  record Sgd(float rate, float momentum, boolean nesterov, float weightDecay)
      implements OptimizerOp {
    @Override
    public String name() {
      return "sgd";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      return check(this, in, 3, "w, v, gradient");
    }

    @Override
    public List<Integer> updates() {
      return List.of(0, 1);
    }
  }

  /**
   * Adam (Kingma and Ba, 2015), or with {@code decoupled} AdamW (Loshchilov and Hutter, 2019):
   * {@code g = gradient + (decoupled ? 0 : weightDecay * w); m = beta1 * m + (1 - beta1) * g; v =
   * beta2 * v + (1 - beta2) * g^2; w -= decoupled ? rate * weightDecay * w : 0; w -= rate * (m / (1
   * - beta1^step)) / (sqrt(v / (1 - beta2^step)) + eps)}. Operands: w; m; v; gradient, of one
   * shape. Updates w, m and v.
   *
   * @param step the number of this step, from 1
   */
  record Adam(
      float rate,
      float beta1,
      float beta2,
      float eps,
      float weightDecay,
      boolean decoupled,
      int step)
      implements OptimizerOp {
    @Override
    public String name() {
      return decoupled ? "adamw" : "adam";
    }

    @Override
    public List<TensorSpec> outputs(List<TensorSpec> in) {
      return check(this, in, 4, "w, m, v, gradient");
    }

    @Override
    public List<Integer> updates() {
      return List.of(0, 1, 2);
    }
  }

  private static List<TensorSpec> check(Op op, List<TensorSpec> in, int n, String expected) {
    floats(n, op, in, expected);
    for (int i = 1; i < n; i++) {
      shape(i, in.get(0).shape(), "a tensor of w's shape", op, in);
    }
    return List.of();
  }
}
