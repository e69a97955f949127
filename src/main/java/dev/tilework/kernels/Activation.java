package dev.tilework.kernels;

/**
 * An activation function applied to each element.
 *
 * @param kind the function
 * @param alpha the slope of {@link Kind#LEAKY_RELU} left of 0, the scale of {@link Kind#ELU}; else
 *     0
 */
public record Activation(Kind kind, float alpha) {
  /** The functions. */
  public enum Kind {
    /** x. */
    IDENTITY,
    /** max(x, 0). */
    RELU,
    /** x where x > 0, else alpha * x. */
    LEAKY_RELU,
    /** x where x > 0, else alpha * (exp(x) - 1). */
    ELU,
    /** 1 / (1 + exp(-x)). */
    SIGMOID,
    /** The hyperbolic tangent. */
    TANH,
    /** x * Phi(x), Phi the normal distribution function: x/2 * (1 + erf(x / sqrt(2))). */
    GELU,
    /** x * sigmoid(x), also known as swish. */
    SILU
  }

  /** No activation. */
  public static final Activation IDENTITY = new Activation(Kind.IDENTITY, 0);

  /** The rectified linear unit. */
  public static final Activation RELU = new Activation(Kind.RELU, 0);

  /** The logistic function. */
  public static final Activation SIGMOID = new Activation(Kind.SIGMOID, 0);

  /** The hyperbolic tangent. */
  public static final Activation TANH = new Activation(Kind.TANH, 0);

  /** The Gaussian error linear unit, exact form. */
  public static final Activation GELU = new Activation(Kind.GELU, 0);

  /** The sigmoid linear unit. */
  public static final Activation SILU = new Activation(Kind.SILU, 0);

  /** Checks the parameter. */
  public Activation {
    if (!Float.isFinite(alpha) || alpha < 0) {
      throw new IllegalArgumentException(
          "activation " + kind + ": alpha " + alpha + ", expected a finite number of at least 0");
    }
  }

  /** A rectified linear unit with a slope left of 0. */
  public static Activation leakyRelu(float slope) {
    return new Activation(Kind.LEAKY_RELU, slope);
  }

  /** The exponential linear unit. */
  public static Activation elu(float alpha) {
    return new Activation(Kind.ELU, alpha);
  }

  /**
   * Whether the derivative is computed from the function's result (true) or from its argument
   * (false).
   */
  public boolean gradientFromOutput() {
    return switch (kind) {
      case IDENTITY, RELU, SIGMOID, TANH -> true;
      // With alpha = 0 the sign of the argument cannot be read off the result.
      case LEAKY_RELU, ELU -> alpha > 0;
      case GELU, SILU -> false;
    };
  }

  /** The name in messages: the kind in lower case. */
  public String label() {
    return kind.name().toLowerCase(java.util.Locale.ROOT);
  }
}
