package dev.tilework.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Pooling: windows of all proportions at odd sizes. */
final class PoolSamples {
  private static final int RANDOM = 210;
  private static final int[] CHANNELS = {1, 2, 3, 5, 7, 8, 13, 15, 16, 17, 24, 31, 32, 33, 65};

  private PoolSamples() {}

  static List<Sample> all(long seed) {
    SplittableRandom rng = new SplittableRandom(seed);
    List<PoolGeometry> geometries = new ArrayList<>();
    geometries.add(new PoolGeometry(1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0));
    geometries.add(new PoolGeometry(2, 23, 23, 64, 3, 3, 2, 2, 1, 1, 1, 1));
    geometries.add(new PoolGeometry(1, 16, 16, 33, 2, 2, 2, 2, 0, 0, 0, 0));
    geometries.add(new PoolGeometry(1, 7, 7, 48, 7, 7, 1, 1, 0, 0, 0, 0));
    geometries.add(new PoolGeometry(1, 5, 5, 3, 2, 2, 3, 3, 0, 0, 0, 0));
    for (int i = 0; i < RANDOM; i++) {
      geometries.add(random(rng));
    }
    List<Sample> samples = new ArrayList<>();
    long s = seed;
    for (PoolGeometry g : geometries) {
      Fill fill = rng.nextInt(3) == 0 ? Fill.REALS : Fill.INTEGERS;
      Fill forMax = rng.nextInt(4) == 0 ? Fill.SPECIAL : fill;
      TensorSpec x = TensorSpec.f32(g.inputShape());
      TensorSpec y = TensorSpec.f32(g.outputShape());
      boolean count = rng.nextBoolean();
      samples.add(Sample.of(new PoolOp.Max(g), forMax, s++, x));
      samples.add(Sample.of(new PoolOp.MaxGrad(g), fill, s++, y, TensorSpec.i32(g.outputShape())));
      samples.add(Sample.of(new PoolOp.Average(g, count), fill, s++, x));
      samples.add(Sample.of(new PoolOp.AverageGrad(g, count), fill, s++, y));
      // More regions than pixels, too: regions then overlap.
      int outH = 1 + rng.nextInt(9);
      int outW = 1 + rng.nextInt(9);
      if (rng.nextInt(3) == 0) {
        outH = 1;
        outW = 1;
      }
      TensorSpec regions = TensorSpec.f32(g.n(), outH, outW, g.c());
      samples.add(Sample.of(new PoolOp.AdaptiveAverage(outH, outW), fill, s++, x));
      samples.add(Sample.of(new PoolOp.AdaptiveAverageGrad(g.h(), g.w()), fill, s++, regions));
    }
    return samples;
  }

  private static PoolGeometry random(SplittableRandom r) {
    while (true) {
      int kh = 1 + r.nextInt(5);
      int kw = r.nextInt(3) == 0 ? 1 + r.nextInt(5) : kh;
      try {
        PoolGeometry g =
            new PoolGeometry(
                1 + r.nextInt(3),
                1 + r.nextInt(24),
                1 + r.nextInt(24),
                CHANNELS[r.nextInt(CHANNELS.length)],
                kh,
                kw,
                1 + r.nextInt(4),
                1 + r.nextInt(4),
                r.nextInt(kh),
                r.nextInt(kw),
                r.nextInt(kh),
                r.nextInt(kw));
        if (g.inputShape().elements() <= 30_000) {
          return g;
        }
      } catch (IllegalArgumentException e) {
        // The window does not fit into the images; draw again.
      }
    }
  }
}
