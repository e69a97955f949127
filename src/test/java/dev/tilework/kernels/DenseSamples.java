package dev.tilework.kernels;

import dev.tilework.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Matrix products, softmax, losses and batch normalization. */
final class DenseSamples {
  private static final int[] SIZES = {
    1, 2, 3, 5, 7, 8, 9, 13, 15, 16, 17, 23, 24, 31, 32, 33, 47, 63, 64, 65, 97, 127, 129
  };

  private DenseSamples() {}

  static List<Sample> all(long seed) {
    SplittableRandom rng = new SplittableRandom(seed);
    List<Sample> samples = new ArrayList<>();
    matmul(rng, samples, seed);
    softmax(rng, samples, seed + 10_000);
    norm(rng, samples, seed + 20_000);
    return samples;
  }

  private static int size(SplittableRandom rng) {
    return SIZES[rng.nextInt(SIZES.length)];
  }

  private static void matmul(SplittableRandom rng, List<Sample> samples, long seed) {
    samples.add(matmul(0, false, 200, 300, 37, Fill.INTEGERS, seed++));
    samples.add(matmul(2, true, 2, 1000, 301, Fill.REALS, seed++));
    samples.add(matmul(1, false, 67, 700, 65, Fill.INTEGERS, seed++));
    samples.add(matmul(3, true, 1, 1031, 1, Fill.REALS, seed++));
    for (int i = 0; i < 200; i++) {
      Fill fill = i % 3 == 0 ? Fill.REALS : Fill.INTEGERS;
      samples.add(matmul(i % 4, rng.nextBoolean(), size(rng), size(rng), size(rng), fill, seed++));
    }
  }

  private static Sample matmul(
      int transposes, boolean bias, int m, int k, int n, Fill fill, long seed) {
    boolean ta = transposes % 2 == 1;
    boolean tb = transposes >= 2;
    List<TensorSpec> in = new ArrayList<>();
    in.add(ta ? TensorSpec.f32(k, m) : TensorSpec.f32(m, k));
    in.add(tb ? TensorSpec.f32(n, k) : TensorSpec.f32(k, n));
    if (bias) {
      in.add(TensorSpec.f32(n));
    }
    return new Sample(new MatmulOp.Matmul(ta, tb, bias), fill, seed, in);
  }

  private static void softmax(SplittableRandom rng, List<Sample> samples, long seed) {
    for (int i = 0; i < 60; i++) {
      int rows = size(rng);
      int classes = i == 0 ? 1009 : size(rng);
      TensorSpec x = TensorSpec.f32(rows, classes);
      TensorSpec labels = TensorSpec.i32(Shape.of(rows));
      TensorSpec any =
          switch (i % 4) {
            case 0 -> TensorSpec.f32(classes);
            case 1 -> TensorSpec.f32(2, 3, classes);
            default -> x;
          };
      boolean log = i % 2 == 0;
      float smoothing = i % 3 == 0 ? 0 : 0.1f;
      samples.add(Sample.of(new SoftmaxOp.Softmax(log), Fill.REALS, seed++, any));
      samples.add(Sample.of(new SoftmaxOp.Grad(log), Fill.REALS, seed++, any, any));
      samples.add(Sample.of(new LossOp.CrossEntropy(smoothing), Fill.REALS, seed++, x, labels));
      samples.add(
          Sample.of(
              new LossOp.CrossEntropyGrad(smoothing),
              Fill.REALS,
              seed++,
              TensorSpec.f32(),
              x,
              labels));
      samples.add(Sample.of(new LossOp.MeanSquaredError(), Fill.REALS, seed++, any, any));
      samples.add(
          Sample.of(
              new LossOp.MeanSquaredErrorGrad(), Fill.REALS, seed++, TensorSpec.f32(), any, any));
    }
  }

  private static void norm(SplittableRandom rng, List<Sample> samples, long seed) {
    for (int i = 0; i < 60; i++) {
      int channels = size(rng);
      int h = 1 + rng.nextInt(13);
      int w = 1 + rng.nextInt(13);
      TensorSpec x =
          switch (i % 5) {
            case 0 -> TensorSpec.f32(1 + rng.nextInt(40), channels);
            case 1 -> TensorSpec.f32(1, 1, 1, channels);
            default -> TensorSpec.f32(1 + rng.nextInt(3), h, w, channels);
          };
      norm(rng, samples, seed, x);
      seed += 4;
    }
    // Long enough that a device cuts the sums into parts.
    int[][] large = {
      {3, 41, 43, 3}, {2, 67, 67, 5}, {7, 1201, 8}, {2, 61, 29, 40}, {9001, 1}, {2, 31, 33, 300}
    };
    for (int[] x : large) {
      norm(rng, samples, seed, TensorSpec.f32(x));
      seed += 4;
    }
  }

  private static void norm(SplittableRandom rng, List<Sample> samples, long seed, TensorSpec x) {
    TensorSpec c = TensorSpec.f32(x.shape().dim(-1));
    boolean relu = rng.nextBoolean();
    boolean residual = rng.nextBoolean();
    float eps = 1e-3f;
    List<TensorSpec> in = new ArrayList<>(List.of(x, c, c, c, c));
    if (residual) {
      in.add(x);
    }
    samples.add(
        new Sample(
            new NormOp.BatchNormTraining(eps, 0.1f, relu, residual), Fill.REALS, seed++, in));
    samples.add(
        new Sample(new NormOp.BatchNormInference(eps, relu, residual), Fill.REALS, seed++, in));
    List<TensorSpec> grad = new ArrayList<>(List.of(x, x, c, c, c));
    if (relu) {
      grad.add(x);
    }
    samples.add(
        new Sample(new NormOp.BatchNormTrainingGrad(relu, residual), Fill.REALS, seed++, grad));
    samples.add(
        new Sample(
            new NormOp.BatchNormInferenceGrad(eps, relu, residual), Fill.REALS, seed++, grad));
  }
}
