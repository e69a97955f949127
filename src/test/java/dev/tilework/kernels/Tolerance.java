package dev.tilework.kernels;

import dev.tilework.Precision;
import dev.tilework.kernels.ReduceOp.Reduce;
import java.util.List;

/**
 * How far a device's float32 result may be from the reference: {@code (roundings + growth *
 * sqrt(terms)) * 2^-24} times the sum of the absolute values of the terms. Rounding errors of a sum
 * are nearly independent, so they add up as the square root of its length.
 */
public enum Tolerance {
  /** The float32 number nearest to the reference. */
  EXACT(0, 0, "moves, compares, counts, rounds once, or adds integers"),
  /** x * a + b. */
  FUSED(3, 0, "a product and a sum, with or without a fused multiply-add"),
  /** a / b. */
  QUOTIENT(5, 0, "a division may be a product with a reciprocal; OpenCL grants it 2.5 ulp"),
  /** Sums of products. */
  SUM(6, 2, "each addition rounds, in an order of the device's choice"),
  /** Convolutions of 3x3. */
  TRANSFORMED(
      60, 20, "Winograd's F(4x4,3x3) multiplies the rounding of a direct sum about tenfold"),
  /** Sums of products whose factors are rounded to TF32. */
  TF32(0x1p14 + 6, 2, "two factors of 10 explicit bits, each off by 2^-11 at most"),
  /** Sums of products whose factors are rounded to float16. */
  FP16(0x1p14 + 6, 2, "two factors of 10 explicit bits, each off by 2^-11 at most"),
  /** Sums of products whose factors are rounded to bfloat16. */
  BF16(0x1p17 + 6, 2, "two factors of 7 explicit bits, each off by 2^-8 at most"),
  /** exp, log, erf, tanh, sin and cos. */
  FUNCTION(24, 0, "a polynomial in float32 in place of the function, a few ulp each"),
  /** Functions of sums. */
  FUNCTION_OF_SUM(24, 3, "the rounding of a sum, carried through a division, a root or a function"),
  /** Optimizer steps. */
  STEP(16, 0, "some ten products and sums, a root and a quotient an element"),
  /** Warps. */
  COORDINATES(6, 0, "a position in the image is a sum of products, and weighs pixels");

  private final double roundings;
  private final double growth;
  private final String reason;

  Tolerance(double roundings, double growth, String reason) {
    this.roundings = roundings;
    this.growth = growth;
    this.reason = reason;
  }

  /** The bound relative to the magnitude for sums of so many terms. */
  public double bound(long terms) {
    return (roundings + growth * Math.sqrt(terms)) * 0x1p-24;
  }

  @Override
  public String toString() {
    return name() + " (" + reason + ")";
  }

  /** The tolerance for a sample on a device that rounds the factors of products so. */
  static Tolerance of(Sample s, Precision precision) {
    boolean product = s.op() instanceof ConvOp || s.op() instanceof MatmulOp;
    // Small integers are numbers of every type.
    if (product && s.fill() != Fill.INTEGERS) {
      switch (precision) {
        case TF32 -> {
          return TF32;
        }
        case FP16 -> {
          return FP16;
        }
        case BF16 -> {
          return BF16;
        }
        case FP32 -> {}
      }
    }
    return of(s);
  }

  /** The same whatever the sample's content, and never {@link #EXACT} for want of roundings. */
  public static Tolerance ofReals(Sample s, Precision precision) {
    return of(new Sample(s.op(), Fill.REALS, s.seed(), s.specs()), precision);
  }

  private static Tolerance of(Sample s) {
    boolean integers = s.fill() == Fill.INTEGERS;
    Tolerance sum = integers ? EXACT : SUM;
    return switch (s.op()) {
      case ConvOp.Forward o -> {
        if (!rational(o.activation())) {
          yield winograd(o.geometry()) ? TRANSFORMED : FUNCTION_OF_SUM;
        }
        yield winograd(o.geometry()) ? TRANSFORMED : sum;
      }
      case ConvOp.DataGrad o -> winograd(o.geometry()) ? TRANSFORMED : sum;
      case ConvOp.WeightGrad o -> sum;
      case MatmulOp o -> sum;
      case PoolOp.Max o -> EXACT;
      case PoolOp.MaxGrad o -> sum;
      case PoolOp o -> SUM;
      case ActivationOp.Apply o -> rational(o.activation()) ? EXACT : FUNCTION;
      case ActivationOp.Grad o -> rational(o.activation()) ? EXACT : FUNCTION;
      case SoftmaxOp o -> FUNCTION_OF_SUM;
      case NormOp o -> FUNCTION_OF_SUM;
      case LossOp o -> FUNCTION_OF_SUM;
      case ElementwiseOp.Binary o ->
          o.kind() == ElementwiseOp.Binary.Kind.DIVIDE ? QUOTIENT : EXACT;
      case ElementwiseOp.Affine o -> FUSED;
      case ElementwiseOp.Cast o -> EXACT;
      case Reduce o ->
          switch (o.kind()) {
            case SUM -> sum;
            case MEAN -> SUM;
            case MAX -> EXACT;
          };
      case ReduceOp.MaxGrad o -> QUOTIENT;
      case ReduceOp.ArgMax o -> EXACT;
      case LayoutOp o -> EXACT;
      case RandomOp.Normal o -> FUNCTION;
      case RandomOp.Uniform o -> FUSED;
      case RandomOp.Dropout o -> QUOTIENT;
      case OptimizerOp o -> STEP;
      case ImageOp.Warp o -> COORDINATES;
      case ImageOp.Mix o -> FUSED;
    };
  }

  private static boolean rational(Activation a) {
    return switch (a.kind()) {
      case IDENTITY, RELU, LEAKY_RELU -> true;
      case ELU, SIGMOID, TANH, GELU, SILU -> false;
    };
  }

  /** Whether a device may compute a convolution through Winograd's transform. */
  static boolean winograd(ConvGeometry g) {
    return g.kernelH() == 3
        && g.kernelW() == 3
        && g.strideH() == 1
        && g.strideW() == 1
        && g.dilationH() == 1
        && g.dilationW() == 1
        && !g.depthwise();
  }

  /** The length of the longest sum of a sample. */
  public static long terms(Sample s) {
    return terms(s.op(), s.specs(), s.op().outputs(s.specs()));
  }

  /** The length of the longest sum. */
  static long terms(Op op, List<TensorSpec> in, List<TensorSpec> out) {
    return switch (op) {
      case ConvOp.Forward o ->
          (long) o.geometry().kernelH() * o.geometry().kernelW() * o.geometry().channelsPerGroup();
      case ConvOp.DataGrad o ->
          (long) o.geometry().kernelH() * o.geometry().kernelW() * o.geometry().filtersPerGroup();
      case ConvOp.WeightGrad o ->
          (long) o.geometry().n() * o.geometry().outH() * o.geometry().outW();
      case MatmulOp.Matmul o -> in.get(0).shape().dim(o.transposeA() ? 0 : 1);
      case SoftmaxOp o -> in.get(0).shape().dim(-1);
      case NormOp o -> in.get(0).shape().elements() / in.get(2).shape().elements();
      case LossOp o -> in.get(1).shape().elements() + in.get(0).shape().elements();
      default -> {
        long n = in.isEmpty() ? 1 : in.getFirst().shape().elements();
        long m = out.isEmpty() ? n : out.getFirst().shape().elements();
        yield Math.max(1, Math.max(n, m) / Math.max(1, Math.min(n, m)));
      }
    };
  }
}
