package dev.tilework.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Convolutions: layers of well-known networks made small, edges of blocked kernels, and chance. */
final class ConvSamples {
  private static final int RANDOM = 220;
  private static final long MULTIPLICATIONS = 400_000;

  private static final int[] CHANNELS = {
    1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 96, 97
  };
  private static final int[][] KERNELS = {
    {1, 1}, {1, 1}, {1, 1}, {3, 3}, {3, 3}, {3, 3}, {3, 3}, {5, 5}, {7, 7}, {1, 7}, {7, 1}, {2, 2},
    {4, 4}, {1, 3}, {3, 1}, {3, 2}, {2, 5}, {6, 6}
  };

  static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.IDENTITY,
          Activation.RELU,
          Activation.leakyRelu(0.125f),
          Activation.elu(1),
          Activation.elu(0.7f),
          Activation.SIGMOID,
          Activation.TANH,
          Activation.GELU,
          Activation.SILU);

  private ConvSamples() {}

  static List<Sample> all(long seed) {
    List<Sample> samples = new ArrayList<>();
    List<ConvGeometry> geometries = new ArrayList<>(edges());
    SplittableRandom rng = new SplittableRandom(seed);
    for (int i = 0; i < RANDOM; i++) {
      geometries.add(random(rng));
    }
    long s = seed;
    for (ConvGeometry g : geometries) {
      Fill fill = rng.nextInt(3) == 0 ? Fill.REALS : Fill.INTEGERS;
      boolean plain = rng.nextInt(3) == 0;
      ConvOp.Forward forward =
          plain
              ? new ConvOp.Forward(g)
              : new ConvOp.Forward(
                  g,
                  rng.nextInt(3) != 0,
                  rng.nextBoolean(),
                  ACTIVATIONS.get(rng.nextInt(ACTIVATIONS.size())));
      samples.add(forward(forward, fill, s++));
      TensorSpec x = TensorSpec.f32(g.inputShape());
      TensorSpec w = TensorSpec.f32(g.weightShape());
      TensorSpec y = TensorSpec.f32(g.outputShape());
      samples.add(Sample.of(new ConvOp.DataGrad(g), fill, s++, y, w));
      samples.add(Sample.of(new ConvOp.WeightGrad(g), fill, s++, x, y));
    }
    for (Activation a : ACTIVATIONS) {
      for (int mask = 0; mask < 4; mask++) {
        ConvGeometry g = geometry(1, 5, 7, 6, 19, 3, 1, 1, 1, 1);
        samples.add(forward(new ConvOp.Forward(g, mask % 2 == 1, mask >= 2, a), Fill.REALS, s++));
        ConvGeometry pointwise = geometry(2, 3, 5, 9, 17, 1, 1, 0, 1, 1);
        samples.add(
            forward(new ConvOp.Forward(pointwise, mask % 2 == 1, mask >= 2, a), Fill.REALS, s++));
      }
    }
    return samples;
  }

  private static Sample forward(ConvOp.Forward op, Fill fill, long seed) {
    ConvGeometry g = op.geometry();
    List<TensorSpec> in = new ArrayList<>();
    in.add(TensorSpec.f32(g.inputShape()));
    in.add(TensorSpec.f32(g.weightShape()));
    if (op.bias()) {
      in.add(TensorSpec.f32(g.o()));
    }
    if (op.residual()) {
      in.add(TensorSpec.f32(g.outputShape()));
    }
    return new Sample(op, fill, seed, in);
  }

  /** A square kernel with one stride, padding and dilation for both axes. */
  static ConvGeometry geometry(
      int n, int h, int w, int c, int o, int k, int stride, int pad, int dilation, int groups) {
    return new ConvGeometry(
        n, h, w, c, o, k, k, stride, stride, pad, pad, pad, pad, dilation, dilation, groups);
  }

  private static List<ConvGeometry> edges() {
    List<ConvGeometry> g = new ArrayList<>();
    g.add(geometry(1, 1, 1, 1, 1, 1, 1, 0, 1, 1));
    g.add(geometry(1, 1, 1, 64, 65, 1, 1, 0, 1, 1));
    g.add(geometry(2, 28, 28, 3, 16, 7, 2, 3, 1, 1));
    g.add(geometry(1, 40, 40, 3, 32, 3, 2, 1, 1, 1));
    g.add(geometry(1, 14, 14, 48, 24, 1, 1, 0, 1, 1));
    g.add(geometry(1, 14, 14, 24, 48, 1, 2, 0, 1, 1));
    g.add(geometry(1, 20, 20, 72, 72, 3, 1, 1, 1, 72));
    g.add(geometry(2, 15, 17, 33, 33, 3, 2, 1, 1, 33));
    g.add(geometry(1, 9, 9, 16, 48, 3, 1, 1, 1, 16));
    g.add(geometry(1, 11, 13, 5, 5, 5, 1, 2, 1, 5));
    g.add(geometry(1, 9, 9, 1, 3, 3, 1, 1, 1, 1));
    g.add(geometry(1, 12, 10, 32, 32, 3, 1, 2, 2, 4));
    g.add(geometry(1, 2, 2, 3, 4, 5, 3, 9, 1, 1));
    g.add(geometry(1, 3, 3, 2, 2, 3, 3, 7, 3, 2));
    // Padding that exceeds the kernel on some sides; rows that no window of stride 3 reaches.
    g.add(new ConvGeometry(1, 5, 4, 7, 8, 2, 3, 3, 1, 4, 0, 1, 6, 1, 2, 1));
    g.add(new ConvGeometry(2, 8, 8, 8, 8, 1, 1, 3, 2, 0, 0, 0, 0, 1, 1, 1));
    g.add(new ConvGeometry(1, 17, 17, 8, 12, 1, 7, 1, 1, 0, 3, 0, 3, 1, 1, 1));
    g.add(new ConvGeometry(1, 17, 17, 12, 8, 7, 1, 1, 1, 3, 0, 3, 0, 1, 1, 1));
    // Sizes around the tiles of Winograd's F(4x4, 3x3), and channels around the vectors.
    int[][] winograd = {
      {1, 1, 8, 8},
      {3, 3, 16, 16},
      {4, 4, 16, 16},
      {5, 6, 17, 15},
      {8, 8, 32, 33},
      {13, 11, 24, 40},
      {16, 16, 16, 32},
      {7, 7, 64, 64},
      {9, 30, 3, 16},
      {14, 14, 31, 31},
      {23, 29, 8, 8}
    };
    for (int[] s : winograd) {
      g.add(geometry(1, s[0], s[1], s[2], s[3], 3, 1, 1, 1, 1));
    }
    g.add(new ConvGeometry(3, 10, 9, 16, 16, 3, 3, 1, 1, 0, 2, 1, 0, 1, 1, 1));
    g.add(geometry(1, 10, 10, 16, 24, 3, 1, 0, 1, 2));
    // Work enough that a device chooses what pays for large layers.
    g.add(geometry(2, 19, 22, 32, 48, 3, 1, 1, 1, 1));
    return g;
  }

  private static ConvGeometry random(SplittableRandom r) {
    while (true) {
      int[] kernel = KERNELS[r.nextInt(KERNELS.length)];
      int[] stride = pair(r, 3);
      int[] dilation = r.nextInt(4) == 0 ? pair(r, 3) : new int[] {1, 1};
      int reach = Math.max(kernel[0] * dilation[0], kernel[1] * dilation[1]);
      int[] pad = new int[4];
      int kind = r.nextInt(3);
      for (int i = 0; i < 4; i++) {
        pad[i] = kind == 0 ? 0 : kind == 1 ? (kernel[i % 2] - 1) / 2 : r.nextInt(reach + 2);
      }
      int c = CHANNELS[r.nextInt(CHANNELS.length)];
      int o = CHANNELS[r.nextInt(CHANNELS.length)];
      int groups = 1;
      switch (r.nextInt(8)) {
        case 0 -> {
          groups = c;
          o = c;
        }
        case 1 -> {
          groups = c;
          o = c * (2 + r.nextInt(2));
        }
        case 2 -> {
          groups = 2 + r.nextInt(3);
          c = (c / groups + 1) * groups;
          o = (o / groups + 1) * groups;
        }
        default -> {}
      }
      int n = r.nextInt(3) == 0 ? 1 + r.nextInt(3) : 1;
      int h = 1 + r.nextInt(30);
      int w = 1 + r.nextInt(30);
      try {
        ConvGeometry g =
            new ConvGeometry(
                n,
                h,
                w,
                c,
                o,
                kernel[0],
                kernel[1],
                stride[0],
                stride[1],
                pad[0],
                pad[1],
                pad[2],
                pad[3],
                dilation[0],
                dilation[1],
                groups);
        if (g.flops() / 2 <= MULTIPLICATIONS) {
          return g;
        }
      } catch (IllegalArgumentException e) {
        // The kernel does not fit into the images; draw again.
      }
    }
  }

  /** Two numbers from 1, equal and small more often than not. */
  private static int[] pair(SplittableRandom r, int max) {
    int a = r.nextInt(2) == 0 ? 1 : 1 + r.nextInt(max);
    return new int[] {a, r.nextInt(4) == 0 ? 1 + r.nextInt(max) : a};
  }
}
