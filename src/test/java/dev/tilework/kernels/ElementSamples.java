package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.Shape;
import dev.tilework.kernels.ElementwiseOp.Binary;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Operations on each element: arithmetic, activations, casts, random numbers, optimizers. */
final class ElementSamples {
  private static final int[] LENGTHS = {
    1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 1021, 4099
  };

  /** Pairs that broadcast. */
  private static final int[][][] PAIRS = {
    {{}, {}},
    {{7}, {}},
    {{}, {3, 5}},
    {{4, 17}, {17}},
    {{4, 17}, {4, 1}},
    {{4, 1}, {1, 33}},
    {{2, 3, 5, 16}, {16}},
    {{2, 3, 5, 16}, {1, 1, 1, 16}},
    {{2, 3, 5, 7}, {2, 1, 1, 7}},
    {{2, 1, 5, 1}, {3, 1, 9}},
    {{1, 1}, {13, 11}},
    {{6, 1, 4}, {6, 8, 4}},
    {{5, 1, 1, 1}, {5, 4, 3, 2}},
    {{1, 2, 1, 3, 1}, {2, 2, 5, 1, 4}},
    {{1}, {1}},
    {{3, 1, 64}, {1, 7, 64}},
    {{150, 3}, {3}},
    {{131, 33}, {33}}
  };

  private ElementSamples() {}

  static List<Sample> all(long seed) {
    SplittableRandom rng = new SplittableRandom(seed);
    List<Sample> samples = new ArrayList<>();
    binary(rng, samples, seed);
    activations(samples, seed + 10_000);
    casts(samples, seed + 20_000);
    random(samples, seed + 30_000);
    optimizers(rng, samples, seed + 40_000);
    warps(rng, samples, seed + 50_000);
    return samples;
  }

  private static void binary(SplittableRandom rng, List<Sample> samples, long seed) {
    for (Binary.Kind kind : Binary.Kind.values()) {
      for (int n : LENGTHS) {
        TensorSpec x = TensorSpec.f32(n);
        samples.add(Sample.of(new Binary(kind), Fill.REALS, seed++, x, x));
      }
      for (int[][] p : PAIRS) {
        TensorSpec a = TensorSpec.f32(p[0]);
        TensorSpec b = TensorSpec.f32(p[1]);
        samples.add(Sample.of(new Binary(kind), Fill.REALS, seed++, a, b));
        samples.add(Sample.of(new Binary(kind), Fill.INTEGERS, seed++, b, a));
      }
      for (int i = 0; i < 40; i++) {
        int rank = 1 + rng.nextInt(5);
        int[] a = new int[rank];
        int[] b = new int[rank];
        for (int axis = 0; axis < rank; axis++) {
          int extent = 1 + rng.nextInt(9);
          a[axis] = rng.nextInt(3) == 0 ? 1 : extent;
          b[axis] = rng.nextInt(3) == 0 ? 1 : extent;
        }
        samples.add(
            Sample.of(new Binary(kind), Fill.REALS, seed++, TensorSpec.f32(a), TensorSpec.f32(b)));
      }
    }
    for (int n : LENGTHS) {
      samples.add(
          Sample.of(new ElementwiseOp.Affine(-1.5f, 0.3f), Fill.REALS, seed++, TensorSpec.f32(n)));
      samples.add(
          Sample.of(new ElementwiseOp.Affine(2, 0), Fill.INTEGERS, seed++, TensorSpec.f32(n, 3)));
    }
  }

  private static void activations(List<Sample> samples, long seed) {
    List<Activation> all = new ArrayList<>(ConvSamples.ACTIVATIONS);
    all.add(Activation.leakyRelu(0));
    all.add(Activation.elu(0));
    all.add(Activation.leakyRelu(2));
    for (Activation a : all) {
      for (int n : LENGTHS) {
        TensorSpec x = TensorSpec.f32(n);
        Fill fill = n % 2 == 0 ? Fill.INTEGERS : Fill.REALS;
        samples.add(Sample.of(new ActivationOp.Apply(a), fill, seed++, x));
        samples.add(Sample.of(new ActivationOp.Grad(a), fill, seed++, x, x));
      }
    }
  }

  private static void casts(List<Sample> samples, long seed) {
    for (DType from : DType.values()) {
      for (DType to : DType.values()) {
        for (int n : new int[] {1, 7, 33, 1021}) {
          Fill fill = n == 7 ? Fill.INTEGERS : Fill.SPECIAL;
          TensorSpec x = new TensorSpec(Shape.of(n), from);
          samples.add(Sample.of(new ElementwiseOp.Cast(to), fill, seed++, x));
        }
      }
      for (float value : new float[] {0, 1, -2.5f, 300, Float.NaN}) {
        samples.add(Sample.of(new LayoutOp.Fill(Shape.of(3, 11), from, value), Fill.REALS, seed++));
      }
    }
  }

  private static void random(List<Sample> samples, long seed) {
    for (int n : LENGTHS) {
      Shape shape = Shape.of(n);
      long stream = n % 2 == 0 ? n : -1L - n;
      samples.add(Sample.of(new RandomOp.Uniform(shape, -2, 3, seed, stream), Fill.REALS, seed++));
      samples.add(
          Sample.of(new RandomOp.Normal(shape, 1, 0.5f, -seed, stream), Fill.REALS, seed++));
      float p = n % 3 == 0 ? 0 : n % 3 == 1 ? 0.5f : 0.2f;
      samples.add(
          Sample.of(
              new RandomOp.Dropout(p, seed << 32, stream), Fill.REALS, seed++, TensorSpec.f32(n)));
    }
  }

  private static void optimizers(SplittableRandom rng, List<Sample> samples, long seed) {
    for (int n : LENGTHS) {
      TensorSpec x = TensorSpec.f32(n);
      for (int i = 0; i < 4; i++) {
        float momentum = i == 0 ? 0 : 0.9f;
        float decay = rng.nextBoolean() ? 0 : 0.01f;
        samples.add(
            Sample.of(
                new OptimizerOp.Sgd(0.1f, momentum, i == 2, decay), Fill.REALS, seed++, x, x, x));
        int step = i == 0 ? 1 : 1 + rng.nextInt(2000);
        OptimizerOp.Adam adam =
            new OptimizerOp.Adam(0.01f, 0.9f, 0.999f, 1e-7f, decay, i % 2 == 0, step);
        samples.add(Sample.of(adam, Fill.REALS, seed++, x, x, x, x));
      }
    }
  }

  private static void warps(SplittableRandom rng, List<Sample> samples, long seed) {
    for (int i = 0; i < 60; i++) {
      int n = 1 + rng.nextInt(3);
      TensorSpec x =
          TensorSpec.f32(n, 1 + rng.nextInt(17), 1 + rng.nextInt(17), 1 + rng.nextInt(5));
      DType type = i % 3 == 2 ? DType.UINT8 : DType.FLOAT32;
      ImageOp.Warp op = new ImageOp.Warp(1 + rng.nextInt(19), 1 + rng.nextInt(19), seed, i);
      samples.add(
          Sample.of(
              op,
              Fill.REALS,
              seed++,
              new TensorSpec(x.shape(), type),
              TensorSpec.f32(n, ImageOp.warpParameters(x.shape().dim(3))),
              new TensorSpec(Shape.of(n), DType.INT32)));
      samples.add(
          Sample.of(
              new ImageOp.Mix(),
              Fill.REALS,
              seed++,
              x,
              new TensorSpec(Shape.of(n), DType.INT32),
              TensorSpec.f32(n, ImageOp.MIX_PARAMETERS)));
    }
  }
}
