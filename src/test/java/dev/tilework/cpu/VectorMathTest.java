package dev.tilework.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.kernels.Activation;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

/** The elementary functions against double precision, from the smallest to the largest numbers. */
class VectorMathTest {
  private static final long SEED = 7;
  private static final int SAMPLES = 20000;

  /** Below it a factor of the result may have been subnormal, with few digits. */
  private static final double SMALL = 1e-35;

  private static float at(UnaryOperator<FloatVector> f, float x) {
    return f.apply(FloatVector.broadcast(Simd.S, x)).lane(Simd.LANES - 1);
  }

  /** The functions that are computed in two parts, as the activations put them together. */
  private static UnaryOperator<FloatVector> activation(Activation f) {
    return v -> {
      long t = Scratch.get(0, Simd.BYTES);
      Simd.store(v, t);
      Activations.apply(f, t, t, Simd.LANES);
      return Simd.load(t);
    };
  }

  private static UnaryOperator<FloatVector> derivative(Activation f) {
    return v -> {
      long t = Scratch.get(0, 2L * Simd.BYTES);
      Simd.store(v, t);
      Simd.store(Simd.splat(1), t + Simd.BYTES);
      ActivationGradients.apply(f, t + Simd.BYTES, t, t, Simd.LANES);
      return Simd.load(t);
    };
  }

  /** Arguments of every magnitude and, more densely, of the range where the function bends. */
  private static void check(
      String name,
      UnaryOperator<FloatVector> f,
      DoubleUnaryOperator exact,
      float low,
      float high,
      double tolerance) {
    Random random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      float x =
          i % 2 == 0
              ? low + (high - low) * random.nextFloat()
              : Math.clamp(Float.intBitsToFloat(random.nextInt()), low, high);
      if (Float.isNaN(x)) {
        continue;
      }
      double expected = exact.applyAsDouble(x);
      float got = at(f, x);
      double error = Math.abs(got - expected) / Math.max(Math.abs(expected), SMALL);
      assertTrue(
          (float) expected == got || error < tolerance,
          name + "(" + x + ") = " + got + ", expected " + expected + " (seed " + SEED + ")");
    }
    assertTrue(Float.isNaN(at(f, Float.NaN)), name + "(NaN)");
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** By Simpson's rule for the density; the tail by a continued fraction. */
  private static double normalCdf(double x) {
    double a = Math.abs(x);
    double tail;
    if (a > 3) {
      double f = a;
      for (int k = 200; k >= 1; k--) {
        f = a + k / f;
      }
      tail = density(a) / f;
    } else {
      int n = 600;
      double h = a / n;
      double sum = density(0) + density(a);
      for (int i = 1; i < n; i++) {
        sum += density(i * h) * (i % 2 == 0 ? 2 : 4);
      }
      tail = 0.5 - sum * h / 3;
    }
    return x > 0 ? 1 - tail : tail;
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  @Test
  void exponential() {
    check("exp", VectorMath::exp, Math::exp, -110, 95, 5e-7);
    assertEquals(Float.POSITIVE_INFINITY, at(VectorMath::exp, Float.POSITIVE_INFINITY));
    assertEquals(0, at(VectorMath::exp, Float.NEGATIVE_INFINITY));
    assertEquals(1, at(VectorMath::exp, 0));
  }

  @Test
  void exponentialLessOne() {
    check("expm1", VectorMath::expm1OfNegative, Math::expm1, -110, -0f, 5e-7);
    assertEquals(-1, at(VectorMath::expm1OfNegative, Float.NEGATIVE_INFINITY));
  }

  @Test
  void logistic() {
    check("sigmoid", activation(Activation.SIGMOID), VectorMathTest::sigmoid, -110, 110, 5e-7);
    assertEquals(1, at(activation(Activation.SIGMOID), Float.POSITIVE_INFINITY));
    assertEquals(0, at(activation(Activation.SIGMOID), Float.NEGATIVE_INFINITY));
  }

  @Test
  void hyperbolicTangent() {
    check("tanh", activation(Activation.TANH), Math::tanh, -20, 20, 5e-7);
    assertEquals(1, at(activation(Activation.TANH), Float.POSITIVE_INFINITY));
    assertEquals(-1, at(activation(Activation.TANH), Float.NEGATIVE_INFINITY));
  }

  @Test
  void sigmoidLinearUnit() {
    check("silu", activation(Activation.SILU), x -> x * sigmoid(x), -110, 110, 5e-7);
    assertEquals(Float.POSITIVE_INFINITY, at(activation(Activation.SILU), Float.POSITIVE_INFINITY));
    assertEquals(0f, at(activation(Activation.SILU), Float.NEGATIVE_INFINITY), 0f);
  }

  @Test
  void normalDistribution() {
    check("gelu", activation(Activation.GELU), x -> x * normalCdf(x), -16, 16, 8e-7);
    assertEquals(Float.POSITIVE_INFINITY, at(activation(Activation.GELU), Float.POSITIVE_INFINITY));
    assertEquals(0f, at(activation(Activation.GELU), Float.NEGATIVE_INFINITY), 0f);
    assertEquals(0f, at(activation(Activation.GELU), -1e30f), 0f);
  }

  @Test
  void derivativesWithZeros() {
    // Both cross 0, so the error is measured against the largest value, about 1.
    Random random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      float x = 40 * random.nextFloat() - 20;
      double s = sigmoid(x);
      assertEquals(s * (1 + x * (1 - s)), at(derivative(Activation.SILU), x), 1e-6, "x = " + x);
      assertEquals(
          normalCdf(x) + x * density(x), at(derivative(Activation.GELU), x), 1e-6, "x = " + x);
    }
    for (float x : new float[] {Float.POSITIVE_INFINITY, 1e30f}) {
      assertEquals(1, at(derivative(Activation.SILU), x));
      assertEquals(1, at(derivative(Activation.GELU), x));
      assertEquals(0f, at(derivative(Activation.SILU), -x), 0f);
      assertEquals(0f, at(derivative(Activation.GELU), -x), 0f);
    }
  }

  @Test
  void sineAndCosine() {
    float quarter = (float) (Math.PI / 4);
    check("sine", VectorMath::sine, Math::sin, -quarter, quarter, 3e-7);
    check("cosine", VectorMath::cosine, Math::cos, -quarter, quarter, 3e-7);
  }

  @Test
  void logarithm() {
    Random random = new Random(SEED);
    for (int i = 0; i < SAMPLES; i++) {
      float r = (float) (-0.2928 + 0.7070 * random.nextDouble());
      int e = random.nextInt(50) - 25;
      double expected = Math.log1p(r) + e * Math.log(2);
      float got = at(v -> VectorMath.log(v, FloatVector.broadcast(Simd.S, e)), r);
      assertEquals(expected, got, 5e-7 * Math.abs(expected), "r = " + r + ", e = " + e);
    }
  }
}
