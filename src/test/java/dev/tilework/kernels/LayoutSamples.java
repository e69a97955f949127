package dev.tilework.kernels;

import dev.tilework.DType;
import dev.tilework.Shape;
import dev.tilework.kernels.ReduceOp.Reduce;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Operations over axes: reductions and movements of elements. */
final class LayoutSamples {
  private LayoutSamples() {}

  static List<Sample> all(long seed) {
    SplittableRandom rng = new SplittableRandom(seed);
    List<Sample> samples = new ArrayList<>();
    reductions(rng, samples, seed);
    movements(rng, samples, seed + 10_000);
    return samples;
  }

  private static int[] dims(SplittableRandom rng, int rank) {
    int[] d = new int[rank];
    int limit = rank <= 2 ? 70 : rank == 3 ? 20 : 9;
    for (int i = 0; i < rank; i++) {
      d[i] = rng.nextInt(6) == 0 ? 1 : 1 + rng.nextInt(limit);
    }
    return d;
  }

  private static void reductions(SplittableRandom rng, List<Sample> samples, long seed) {
    for (Reduce.Kind kind : Reduce.Kind.values()) {
      samples.add(reduce(kind, false, seed++, List.of(), TensorSpec.f32()));
      samples.add(reduce(kind, true, seed++, List.of(), TensorSpec.f32(5)));
      samples.add(reduce(kind, false, seed++, List.of(0, 1, 2), TensorSpec.f32(2, 37, 41, 24)));
      samples.add(reduce(kind, false, seed++, List.of(0), TensorSpec.f32(1000, 33)));
      samples.add(reduce(kind, true, seed++, List.of(1), TensorSpec.f32(33, 1000)));
      samples.add(reduce(kind, false, seed++, List.of(0), TensorSpec.f32(100_003)));
    }
    for (int i = 0; i < 240; i++) {
      int rank = 1 + rng.nextInt(5);
      TensorSpec x = TensorSpec.f32(dims(rng, rank));
      List<Integer> axes = new ArrayList<>();
      for (int axis = 0; axis < rank; axis++) {
        if (rng.nextBoolean()) {
          axes.add(axis);
        }
      }
      Reduce.Kind kind = Reduce.Kind.values()[i % 3];
      Fill special = kind == Reduce.Kind.MAX && i % 2 == 0 ? Fill.SPECIAL : Fill.INTEGERS;
      samples.add(Sample.of(new Reduce(kind, axes, rng.nextBoolean()), special, seed++, x));
      samples.add(Sample.of(new Reduce(kind, axes, rng.nextBoolean()), Fill.REALS, seed++, x));
      int axis = rng.nextInt(rank);
      Fill fill = i % 2 == 0 ? Fill.SPECIAL : Fill.INTEGERS;
      samples.add(Sample.of(new ReduceOp.ArgMax(axis), fill, seed++, x));
      Shape kept = x.shape();
      for (int a : axes) {
        kept = kept.with(a, 1);
      }
      TensorSpec y = TensorSpec.f32(kept);
      samples.add(Sample.of(new ReduceOp.MaxGrad(axes), Fill.INTEGERS, seed++, y, y, x));
    }
  }

  private static Sample reduce(
      Reduce.Kind kind, boolean keep, long seed, List<Integer> axes, TensorSpec x) {
    return Sample.of(new Reduce(kind, axes, keep), Fill.INTEGERS, seed, x);
  }

  private static void movements(SplittableRandom rng, List<Sample> samples, long seed) {
    samples.add(transpose(List.of(), DType.FLOAT32, seed++));
    samples.add(transpose(List.of(1, 0), DType.FLOAT32, seed++, 129, 67));
    samples.add(transpose(List.of(0, 3, 1, 2), DType.FLOAT32, seed++, 2, 17, 13, 33));
    samples.add(transpose(List.of(0, 2, 3, 1), DType.FLOAT32, seed++, 2, 33, 17, 13));
    samples.add(transpose(List.of(0, 2, 3, 1), DType.UINT8, seed++, 3, 3, 19, 23));
    for (int i = 0; i < 200; i++) {
      DType type = i % 3 == 0 ? DType.values()[i / 3 % DType.values().length] : DType.FLOAT32;
      int rank = 1 + rng.nextInt(5);
      int[] dims = dims(rng, rank);
      List<Integer> axes = new ArrayList<>();
      for (int axis = 0; axis < rank; axis++) {
        axes.add(axis);
      }
      Collections.shuffle(axes, new Random(seed));
      samples.add(transpose(axes, type, seed++, dims));
      int axis = rng.nextInt(rank);
      slices(rng, samples, seed, axis, new TensorSpec(Shape.of(dims), type));
      concat(rng, samples, seed, axis, new TensorSpec(Shape.of(dims), type));
      broadcast(rng, samples, seed, dims);
      seed += 10;
    }
  }

  private static Sample transpose(List<Integer> axes, DType type, long seed, int... dims) {
    return Sample.of(
        new LayoutOp.Transpose(axes), Fill.REALS, seed, new TensorSpec(Shape.of(dims), type));
  }

  private static void slices(
      SplittableRandom rng, List<Sample> samples, long seed, int axis, TensorSpec x) {
    int extent = x.shape().dim(axis);
    int start = rng.nextInt(extent);
    int length = 1 + rng.nextInt(extent - start);
    samples.add(Sample.of(new LayoutOp.Slice(axis, start, length), Fill.REALS, seed, x));
    TensorSpec dy = TensorSpec.f32(x.shape());
    LayoutOp.SliceGrad grad =
        new LayoutOp.SliceGrad(axis, rng.nextInt(3), extent + 2 + rng.nextInt(4));
    samples.add(Sample.of(grad, Fill.REALS, seed + 1, dy));
  }

  private static void concat(
      SplittableRandom rng, List<Sample> samples, long seed, int axis, TensorSpec first) {
    List<TensorSpec> parts = new ArrayList<>(List.of(first));
    for (int i = rng.nextInt(4); i > 0; i--) {
      Shape s = first.shape().with(axis, 1 + rng.nextInt(9));
      parts.add(new TensorSpec(s, first.dtype()));
    }
    samples.add(new Sample(new LayoutOp.Concat(axis), Fill.REALS, seed + 2, parts));
  }

  private static void broadcast(
      SplittableRandom rng, List<Sample> samples, long seed, int... dims) {
    int drop = rng.nextInt(dims.length + 1);
    int[] from = java.util.Arrays.copyOfRange(dims, drop, dims.length);
    for (int i = 0; i < from.length; i++) {
      if (rng.nextBoolean()) {
        from[i] = 1;
      }
    }
    samples.add(
        Sample.of(
            new LayoutOp.BroadcastTo(Shape.of(dims)), Fill.REALS, seed + 3, TensorSpec.f32(from)));
  }
}
