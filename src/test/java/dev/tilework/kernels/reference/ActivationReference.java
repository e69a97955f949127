package dev.tilework.kernels.reference;

import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import java.util.List;

/** Activation functions and their derivatives. */
public final class ActivationReference {
  private static final double ROOT_HALF = Math.sqrt(0.5);

  private ActivationReference() {}

  static void run(ActivationOp op, List<HostTensor> in, HostTensor out) {
    switch (op) {
      case ActivationOp.Apply o -> {
        HostTensor x = in.getFirst();
        for (int i = 0; i < x.size(); i++) {
          double v = x.get(i);
          out.set(i, apply(o.activation(), v), magnitude(o.activation(), v));
        }
      }
      case ActivationOp.Grad o -> {
        HostTensor dy = in.get(0);
        HostTensor saved = in.get(1);
        for (int i = 0; i < dy.size(); i++) {
          double d = derivative(o.activation(), saved.get(i));
          double terms = Math.abs(d) + derivativeTerms(o.activation(), saved.get(i));
          out.set(i, dy.get(i) * d, Math.abs(dy.get(i)) * terms);
        }
      }
    }
  }

  /** Applies to an element that is a sum, whose rounding the function carries on. */
  static void applyInPlace(Activation f, HostTensor y, int i) {
    if (f.kind() == Activation.Kind.IDENTITY) {
      return;
    }
    double x = y.get(i);
    // No function here is steeper than 1.2, or alpha.
    double slope = Math.max(1.2, f.alpha());
    y.set(i, apply(f, x), slope * y.magnitude()[i] + magnitude(f, x));
  }

  /** The function's value. */
  public static double apply(Activation f, double x) {
    return switch (f.kind()) {
      case IDENTITY -> x;
      case RELU -> Double.isNaN(x) ? x : Math.max(x, 0);
      case LEAKY_RELU -> x > 0 ? x : f.alpha() * x;
      case ELU -> x > 0 ? x : f.alpha() * Math.expm1(x);
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case GELU -> x / 2 * (1 + erf(x * ROOT_HALF));
      case SILU -> x * sigmoid(x);
    };
  }

  /** The sum of the absolute values of the terms that make the value. */
  private static double magnitude(Activation f, double x) {
    double y = Math.abs(apply(f, x));
    return switch (f.kind()) {
      case IDENTITY, RELU, LEAKY_RELU, SIGMOID, SILU -> y;
      // exp(x) - 1 and 1 + erf(x) may be computed as written.
      case ELU -> x > 0 ? y : f.alpha() * (Math.exp(x) + 1);
      case TANH -> 1;
      case GELU -> Math.abs(x);
    };
  }

  /**
   * The derivative.
   *
   * @param saved the function's result where {@link Activation#gradientFromOutput}, else its
   *     argument
   */
  public static double derivative(Activation f, double saved) {
    return switch (f.kind()) {
      case IDENTITY -> 1;
      case RELU -> saved > 0 ? 1 : 0;
      // With alpha > 0 the sign of the result is that of the argument.
      case LEAKY_RELU -> saved > 0 ? 1 : f.alpha();
      case ELU -> saved > 0 ? 1 : f.gradientFromOutput() ? saved + f.alpha() : 0;
      case SIGMOID -> saved * (1 - saved);
      case TANH -> 1 - saved * saved;
      case GELU -> {
        double density = Math.exp(-saved * saved / 2) / Math.sqrt(2 * Math.PI);
        yield (1 + erf(saved * ROOT_HALF)) / 2 + saved * density;
      }
      case SILU -> {
        double s = sigmoid(saved);
        yield s * (1 + saved * (1 - s));
      }
    };
  }

  private static double derivativeTerms(Activation f, double saved) {
    return switch (f.kind()) {
      case IDENTITY, RELU, LEAKY_RELU -> 0;
      case ELU -> f.alpha();
      case SIGMOID -> Math.abs(saved);
      case TANH -> 1;
      case GELU -> 1;
      case SILU -> sigmoid(saved) * (1 + Math.abs(saved));
    };
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /**
   * The error function by the series {@code 2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1*3*...*
   * (2n+1))}, whose terms all have x's sign (Abramowitz and Stegun, 7.1.6).
   */
  static double erf(double x) {
    if (!(Math.abs(x) < 6)) {
      return Double.isNaN(x) ? x : Math.signum(x);
    }
    double term = x;
    double sum = 0;
    for (int n = 1; sum + term != sum; n++) {
      sum += term;
      term *= 2 * x * x / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
