package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.kernels.reference.ActivationReference;
import dev.tilework.kernels.reference.HostTensor;
import dev.tilework.kernels.reference.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Operands for samples: random, and consistent where an operation reads another one's results. */
final class Inputs {
  private static final double[] SPECIAL = {
    0,
    -0.0,
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.MIN_VALUE,
    0.5,
    -1.5,
    2.5,
    255.9,
    256,
    -1,
    65519,
    65520,
    1 + 0x1p-8,
    1 + 3 * 0x1p-8,
    1 + 0x1p-11,
    0x1p-24,
    0x1p-25,
    3e9,
    -3e9,
    16777217
  };

  private Inputs() {}

  static List<HostTensor> of(Op op, List<TensorSpec> specs, Fill fill, SplittableRandom rng) {
    List<HostTensor> in = new ArrayList<>();
    for (TensorSpec s : specs) {
      in.add(fill(s, fill, rng));
    }
    adapt(op, in, rng);
    in.replaceAll(Inputs::rounded);
    return in;
  }

  private static void adapt(Op op, List<HostTensor> in, SplittableRandom rng) {
    switch (op) {
      case PoolOp.MaxGrad o -> {
        HostTensor x = fill(TensorSpec.f32(o.geometry().inputShape()), Fill.INTEGERS, rng);
        in.set(1, Reference.run(new PoolOp.Max(o.geometry()), List.of(x)).get(1));
      }
      case ActivationOp.Apply o -> map(in.get(0), x -> 5 * x);
      case ActivationOp.Grad o -> {
        map(in.get(1), x -> 5 * x);
        if (o.activation().gradientFromOutput()) {
          map(in.get(1), x -> ActivationReference.apply(o.activation(), x));
        }
      }
      case SoftmaxOp.Softmax o -> map(in.get(0), x -> 8 * x);
      case SoftmaxOp.Grad o -> {
        map(in.get(1), x -> 3 * x);
        in.set(1, Reference.run(new SoftmaxOp.Softmax(o.log()), List.of(in.get(1))).getFirst());
      }
      case NormOp o -> norm(o, in, rng);
      case LossOp.CrossEntropy o -> {
        map(in.get(0), x -> 5 * x);
        labels(in.get(1), in.get(0).shape().dim(1), rng);
      }
      case LossOp.CrossEntropyGrad o -> {
        in.set(1, Reference.run(new SoftmaxOp.Softmax(false), List.of(in.get(1))).getFirst());
        labels(in.get(2), in.get(1).shape().dim(1), rng);
      }
      case ElementwiseOp.Binary o -> {
        if (o.kind() == ElementwiseOp.Binary.Kind.DIVIDE) {
          map(in.get(1), x -> x < 0 ? x - 0.5 : x + 0.5);
        }
      }
      case ReduceOp.MaxGrad o ->
          in.set(
              1,
              Reference.run(
                      new ReduceOp.Reduce(ReduceOp.Reduce.Kind.MAX, o.axes(), true),
                      List.of(in.get(2)))
                  .getFirst());
      case OptimizerOp.Adam o -> map(in.get(2), Math::abs);
      case ImageOp.Warp o -> warp(in.get(1), in.get(0).shape().dim(3), rng);
      case ImageOp.Mix o -> mix(in, rng);
      default -> {}
    }
  }

  private static void norm(NormOp op, List<HostTensor> in, SplittableRandom rng) {
    switch (op) {
      case NormOp.BatchNormTraining o -> {
        map(in.get(4), x -> Math.abs(x) + 0.1);
        if (rng.nextInt(3) == 0) {
          // A variance computed as the mean of squares less the square of the mean loses all
          // digits.
          map(in.get(0), x -> x + 500);
        }
      }
      case NormOp.BatchNormInference o -> map(in.get(4), x -> Math.abs(x) + 0.1);
      case NormOp.BatchNormInferenceGrad o -> map(in.get(4), x -> Math.abs(x) + 0.1);
      case NormOp.BatchNormTrainingGrad o -> {
        TensorSpec c = in.get(2).spec();
        HostTensor variance = new HostTensor(c);
        List<HostTensor> forward =
            List.of(in.get(1), in.get(2), new HostTensor(c), new HostTensor(c), variance);
        List<HostTensor> statistics =
            Reference.run(new NormOp.BatchNormTraining(1e-3f, 0.1f, false, false), forward);
        in.set(3, statistics.get(1));
        in.set(4, statistics.get(2));
      }
    }
  }

  private static void warp(HostTensor parameters, int channels, SplittableRandom rng) {
    int each = ImageOp.warpParameters(channels);
    for (int row = 0; row < parameters.size(); row += each) {
      double angle = rng.nextDouble(-3, 3);
      double scale = rng.nextDouble(0.5, 1.6);
      double flip = rng.nextBoolean() ? 1 : -1;
      double[] geometry = {
        flip * scale * Math.cos(angle),
        -scale * Math.sin(angle),
        rng.nextDouble(-2, 2),
        flip * scale * Math.sin(angle),
        scale * Math.cos(angle),
        rng.nextDouble(-2, 2)
      };
      for (int k = 0; k < geometry.length; k++) {
        parameters.set(row + k, geometry[k]);
      }
      boolean grey = rng.nextBoolean();
      boolean noise = rng.nextBoolean();
      for (int c = 0; c < channels; c++) {
        double[] colour = {
          rng.nextDouble(-1, 1),
          rng.nextDouble(0, 1),
          rng.nextDouble(0.5, 1.5),
          grey ? rng.nextDouble(-1, 1) : 0,
          rng.nextDouble(-0.5, 0.5),
          noise ? rng.nextInt(3) * 0.1 : 0
        };
        for (int k = 0; k < colour.length; k++) {
          parameters.set(row + geometry.length + c * colour.length + k, colour[k]);
        }
      }
    }
  }

  /** Partners are mostly in the batch, and boxes inside, outside or across the image's edges. */
  private static void mix(List<HostTensor> in, SplittableRandom rng) {
    HostTensor x = in.get(0);
    int n = x.shape().dim(0);
    map(in.get(1), v -> rng.nextInt(20) == 0 ? rng.nextInt(-2, n + 3) : rng.nextInt(n));
    for (int i = 0; i < n; i++) {
      int top = rng.nextInt(-3, x.shape().dim(1) + 2);
      int left = rng.nextInt(-3, x.shape().dim(2) + 2);
      double[] t = {
        rng.nextInt(4) == 0 ? 0 : rng.nextDouble(),
        top,
        left,
        top + rng.nextInt(12) - 1,
        left + rng.nextInt(12) - 1
      };
      for (int k = 0; k < t.length; k++) {
        in.get(2).set(in.get(2).index(i, k), t[k]);
      }
    }
  }

  private static void labels(HostTensor t, int classes, SplittableRandom rng) {
    map(t, x -> rng.nextInt(classes));
  }

  static HostTensor fill(TensorSpec spec, Fill fill, SplittableRandom rng) {
    HostTensor t = new HostTensor(spec);
    map(t, x -> number(spec.dtype(), fill, rng));
    return t;
  }

  private static double number(DType type, Fill fill, SplittableRandom rng) {
    if (type == DType.UINT8) {
      return rng.nextInt(256);
    }
    if (type == DType.INT32) {
      return fill == Fill.INTEGERS ? rng.nextInt(-300, 300) : rng.nextInt();
    }
    return switch (fill) {
      case INTEGERS -> rng.nextInt(-3, 4);
      case REALS -> rng.nextDouble(-1, 1);
      case SPECIAL ->
          rng.nextInt(3) == 0 ? SPECIAL[rng.nextInt(SPECIAL.length)] : rng.nextDouble(-9, 9);
    };
  }

  private static void map(HostTensor t, DoubleUnaryOperator f) {
    for (int i = 0; i < t.size(); i++) {
      t.set(i, f.applyAsDouble(t.get(i)));
    }
  }

  /** As the type holds it, so that the reference and the device compute with the same numbers. */
  private static HostTensor rounded(HostTensor t) {
    ElementwiseOp.Cast cast = new ElementwiseOp.Cast(t.spec().dtype());
    return Reference.run(cast, List.of(t)).getFirst();
  }
}
