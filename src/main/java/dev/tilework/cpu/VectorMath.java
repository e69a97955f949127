package dev.tilework.cpu;

import static jdk.incubator.vector.VectorOperators.ABS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Elementary functions on vectors, within a few units in the last place of the exact value, the
 * same bits on every processor. The Vector API's own call a library that not every platform has.
 *
 * <p>The longer functions are in two parts, a form of the exponential and the rest: the compiler
 * gives up inlining in a loop body that holds both.
 *
 * <p>Sources: the polynomials of exp, log, sine and cosine are those of S. Moshier's Cephes library
 * (single/expf.c, logf.c, sinf.c); the Mills ratio for {@link #normalCdf} is a fit of our own, see
 * there.
 */
final class VectorMath {
  private static final float LOG2_E = 1.44269504f;
  // ln 2 in two parts, the first with so few digits that its product with an exponent is exact.
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;

  /** Adding it rounds to an integer, which stands in the low bits of the sum. */
  private static final float ROUND = 12582912f;

  private static final float EXP_MIN = -104f;
  private static final float EXP_MAX = 89f;

  /** 1 / sqrt(2 pi). */
  private static final float NORMAL_DENSITY_AT_0 = 0.39894228f;

  private VectorMath() {}

  /** The exponential; 0 and infinity beyond the range, NaN for NaN. */
  static FloatVector exp(FloatVector x) {
    FloatVector c = clamp(x, EXP_MIN, EXP_MAX);
    FloatVector n = Simd.splat(LOG2_E).fma(c, Simd.splat(ROUND));
    FloatVector r = reduce(c, n.sub(ROUND));
    return power(n, expm1Reduced(r).add(1));
  }

  /** exp(x) - 1 for x of at most 0, with small relative error near 0 too. */
  static FloatVector expm1OfNegative(FloatVector x) {
    FloatVector c = x.blend(EXP_MIN, x.compare(LT, EXP_MIN));
    FloatVector n = Simd.splat(LOG2_E).fma(c, Simd.splat(ROUND));
    FloatVector r = reduce(c, n.sub(ROUND));
    FloatVector scale = power(n, Simd.splat(1));
    return scale.fma(expm1Reduced(r), scale.sub(1));
  }

  private static FloatVector clamp(FloatVector x, float low, float high) {
    // Not min and max: comparisons let NaN pass in two instructions.
    FloatVector a = x.blend(low, x.compare(LT, low));
    return a.blend(high, x.compare(GT, high));
  }

  /** x - n ln 2, in [-ln 2 / 2, ln 2 / 2]. */
  private static FloatVector reduce(FloatVector x, FloatVector n) {
    return n.fma(Simd.splat(-LN2_LOW), n.fma(Simd.splat(-LN2_HIGH), x));
  }

  private static FloatVector expm1Reduced(FloatVector r) {
    FloatVector p = Simd.splat(1.9875691500e-4f);
    p = p.fma(r, Simd.splat(1.3981999507e-3f));
    p = p.fma(r, Simd.splat(8.3334519073e-3f));
    p = p.fma(r, Simd.splat(4.1665795894e-2f));
    p = p.fma(r, Simd.splat(1.6666665459e-1f));
    p = p.fma(r, Simd.splat(5.0000001201e-1f));
    return p.mul(r).fma(r, r);
  }

  /** v 2^n, n in the low bits of a sum with {@link #ROUND}; in two steps, as n may be -150. */
  private static FloatVector power(FloatVector sum, FloatVector v) {
    IntVector n = sum.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND));
    IntVector half = n.lanewise(ASHR, 1);
    return v.mul(exponent(half)).mul(exponent(n.sub(half)));
  }

  private static FloatVector exponent(IntVector n) {
    return n.add(127).lanewise(LSHL, 23).reinterpretAsFloats();
  }

  /** exp(-|x|), from which {@link #sigmoid} and its kin are computed without overflow. */
  static FloatVector decay(FloatVector x) {
    return exp(x.lanewise(ABS).neg());
  }

  /** 1 / (1 + exp(-x)), given {@link #decay} of x. */
  static FloatVector sigmoid(FloatVector x, FloatVector decay) {
    FloatVector numerator = Simd.splat(1).blend(decay, x.compare(LT, 0));
    return numerator.div(decay.add(1));
  }

  /** The derivative of x sigmoid(x), s (1 + x (1 - s)), given {@link #decay} of x. */
  static FloatVector siluDerivative(FloatVector x, FloatVector decay) {
    FloatVector large = Simd.splat(1).div(decay.add(1));
    FloatVector small = decay.mul(large);
    VectorMask<Float> negative = x.compare(LT, 0);
    FloatVector s = large.blend(small, negative);
    // 1 - s without cancellation.
    FloatVector rest = small.blend(large, negative);
    return s.mul(clamp(x, -110, 110).fma(rest, Simd.splat(1)));
  }

  /** x s for a sigmoid s of x, also where x is minus infinity and s is 0. */
  static FloatVector timesVanishing(FloatVector x, FloatVector s) {
    return s.mul(x.blend(-110, x.compare(LT, -110)));
  }

  /** The argument of {@link #expm1OfNegative} for {@link #tanh}: -2 |x|. */
  static FloatVector tanhArgument(FloatVector x) {
    return x.lanewise(ABS).mul(-2);
  }

  /** The hyperbolic tangent, given t = exp(-2 |x|) - 1. */
  static FloatVector tanh(FloatVector x, FloatVector t) {
    FloatVector y = t.div(t.add(2));
    return y.neg().blend(y, x.compare(LT, 0));
  }

  /** exp(-x^2 / 2) but for the effect of the square's rounding, which {@link #corrected} adds. */
  static FloatVector gauss(FloatVector x) {
    FloatVector a = magnitude(x);
    return exp(a.mul(a).mul(-0.5f));
  }

  /** For large a the rounding error of a^2 would spoil exp(-a^2 / 2): it goes into a factor. */
  private static FloatVector corrected(FloatVector a, FloatVector gauss) {
    FloatVector error = a.fma(a, a.mul(a).neg()).mul(-0.5f);
    return gauss.fma(error, gauss);
  }

  /**
   * The normal distribution function of -a, for 0 <= a <= 20, is exp(-a^2/2) R(a), R(a) =
   * erfc(a/sqrt(2)) exp(a^2/2) / 2 (Mills' ratio but for a factor). R is t times a polynomial of
   * degree 9 in t = 1 / (1 + 0.41 a), fitted to double-precision erfcx by least squares, reweighted
   * for the least maximal relative error (2.5e-8) on [0, 14.5], where the result ends in 0.
   */
  private static FloatVector mills(FloatVector a) {
    FloatVector t = Simd.splat(1).div(a.fma(Simd.splat(0.41f), Simd.splat(1)));
    FloatVector p = Simd.splat(0.03373035416007042f);
    p = p.fma(t, Simd.splat(-0.17634810507297516f));
    p = p.fma(t, Simd.splat(0.3557135760784149f));
    p = p.fma(t, Simd.splat(-0.30507412552833557f));
    p = p.fma(t, Simd.splat(0.05227695405483246f));
    p = p.fma(t, Simd.splat(-0.0056673563085496426f));
    p = p.fma(t, Simd.splat(0.08188522607088089f));
    p = p.fma(t, Simd.splat(0.13640910387039185f));
    p = p.fma(t, Simd.splat(0.16350482404232025f));
    p = p.fma(t, Simd.splat(0.16356955468654633f));
    return p.mul(t);
  }

  private static FloatVector magnitude(FloatVector x) {
    FloatVector a = x.lanewise(ABS);
    return a.blend(20, a.compare(GT, 20));
  }

  /** The normal distribution function, given {@link #gauss} of x. */
  static FloatVector normalCdf(FloatVector x, FloatVector gauss) {
    FloatVector a = magnitude(x);
    FloatVector tail = corrected(a, gauss).mul(mills(a));
    return tail.blend(tail.neg().add(1), x.compare(GT, 0));
  }

  /** The derivative of x Phi(x), Phi(x) + x phi(x), given {@link #gauss} of x. */
  static FloatVector geluDerivative(FloatVector x, FloatVector gauss) {
    FloatVector a = magnitude(x);
    FloatVector g = corrected(a, gauss);
    FloatVector tail = g.mul(mills(a));
    VectorMask<Float> positive = x.compare(GT, 0);
    FloatVector cdf = tail.blend(tail.neg().add(1), positive);
    FloatVector density = a.mul(g).mul(NORMAL_DENSITY_AT_0);
    return cdf.add(density.neg().blend(density, positive));
  }

  /** The logarithm of (1 + r) 2^e, for 1 + r in [sqrt(1/2), sqrt(2)] and whole e. */
  static FloatVector log(FloatVector r, FloatVector e) {
    FloatVector p = Simd.splat(7.0376836292e-2f);
    p = p.fma(r, Simd.splat(-1.1514610310e-1f));
    p = p.fma(r, Simd.splat(1.1676998740e-1f));
    p = p.fma(r, Simd.splat(-1.2420140846e-1f));
    p = p.fma(r, Simd.splat(1.4249322787e-1f));
    p = p.fma(r, Simd.splat(-1.6668057665e-1f));
    p = p.fma(r, Simd.splat(2.0000714765e-1f));
    p = p.fma(r, Simd.splat(-2.4999993993e-1f));
    p = p.fma(r, Simd.splat(3.3333331174e-1f));
    FloatVector square = r.mul(r);
    FloatVector y = p.mul(r).mul(square);
    y = e.fma(Simd.splat(LN2_LOW), y);
    y = square.fma(Simd.splat(-0.5f), y);
    return e.fma(Simd.splat(LN2_HIGH), r.add(y));
  }

  /** The sine for an angle in [-pi/4, pi/4]. */
  static FloatVector sine(FloatVector a) {
    FloatVector z = a.mul(a);
    FloatVector p = Simd.splat(-1.9515295891e-4f);
    p = p.fma(z, Simd.splat(8.3321608736e-3f));
    p = p.fma(z, Simd.splat(-1.6666654611e-1f));
    return p.mul(z).fma(a, a);
  }

  /** The cosine for an angle in [-pi/4, pi/4]. */
  static FloatVector cosine(FloatVector a) {
    FloatVector z = a.mul(a);
    FloatVector p = Simd.splat(2.443315711809948e-5f);
    p = p.fma(z, Simd.splat(-1.388731625493765e-3f));
    p = p.fma(z, Simd.splat(4.166664568298827e-2f));
    return p.mul(z).fma(z, z.fma(Simd.splat(-0.5f), Simd.splat(1)));
  }
}
