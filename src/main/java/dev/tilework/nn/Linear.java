package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/**
 * {@code x W^T + bias} from (n, in) to (n, out). Parameters: {@code weight} (out, in) and {@code
 * bias} (out).
 *
 * <p>The weights begin uniform within {@code 1 / sqrt(in)} of 0 (LeCun et al., "Efficient
 * BackProp", 1998, up to a constant), the bias as zeros.
 */
public final class Linear extends Module {
  private static final Init DEFAULT = Init.kaimingUniform(Init.Fan.IN, (float) Math.sqrt(1.0 / 3));

  private final int in;
  private final int out;
  private final Parameter weight;
  private final Parameter bias;

  /** With a bias. */
  public Linear(int in, int out) {
    this(in, out, true, DEFAULT);
  }

  /** With or without a bias, the weights beginning in a way of the caller's choice. */
  public Linear(int in, int out, boolean bias, Init weightInit) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "Linear: got " + in + " inputs and " + out + " outputs, expected at least 1 of each");
    }
    this.in = in;
    this.out = out;
    this.weight = parameter("weight", weightInit, out, in);
    this.bias = bias ? parameter("bias", Init.constant(0), out) : null;
  }

  @Override
  protected Variable forward(Variable x) {
    return bias == null
        ? x.linear(weight.variable())
        : x.linear(weight.variable(), bias.variable());
  }

  @Override
  public String toString() {
    return "Linear(" + in + ", " + out + ")";
  }
}
