package dev.tilework.cpu;

import dev.tilework.kernels.ConvGeometry;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Convolution of each channel with a filter of its own (one filter a channel), vectorised over the
 * channels. Weights are packed as (taps, c).
 */
final class Depthwise {
  /** Output pixels that share each load of the weights. */
  private static final int PIXELS = 4;

  private static final int SPLITS = 8;

  private Depthwise() {}

  static boolean fits(ConvGeometry g) {
    return g.depthwise() && g.o() == g.c();
  }

  /** Packs weights (c, taps, 1) as (taps, c). */
  static void pack(ConvGeometry g, long w, long to) {
    int taps = g.kernelH() * g.kernelW();
    for (int t = 0; t < taps; t++) {
      for (int c = 0; c < g.c(); c++) {
        Simd.putFloat(
            to + 4L * ((long) t * g.c() + c), Simd.getFloat(w + 4L * ((long) c * taps + t)));
      }
    }
  }

  /** The forward pass, or one grid of the gradient to the images. */
  static void run(Gather grid, int channels, long in, long weights, long out, Epilogue epilogue) {
    int rows = Math.multiplyExact(grid.n(), grid.gridH());
    Parallel.ranges(
        rows,
        Math.max(1, 32768 / ((long) grid.gridW() * channels)),
        (a, b) -> {
          for (long r = a; r < b; r++) {
            row(grid, channels, in, weights, out, epilogue, (int) r);
          }
        });
  }

  private static void row(
      Gather grid, int channels, long in, long weights, long out, Epilogue epilogue, int row) {
    int image = row / grid.gridH();
    int y = row % grid.gridH();
    int taps = grid.taps().length;
    long table = Scratch.get(0, 8L * (PIXELS + 1) * Math.max(1, taps));
    long pixel = 4L * channels;
    long zero = DirectConv.zeros(pixel);
    long stride = grid.outStepX() * pixel;
    long outRow = (long) image * grid.outH() + (long) y * grid.outStepY() + grid.outY();
    for (int x = 0; x < grid.gridW(); x += PIXELS) {
      int n = Math.min(PIXELS, grid.gridW() - x);
      for (int t = 0; t < taps; t++) {
        int r = y * grid.strideY() + grid.tapY()[t];
        for (int i = 0; i < PIXELS; i++) {
          int c = (x + i) * grid.strideX() + grid.tapX()[t];
          boolean inside = i < n && r >= 0 && r < grid.inH() && c >= 0 && c < grid.inW();
          long a = inside ? in + (((long) image * grid.inH() + r) * grid.inW() + c) * pixel : zero;
          Simd.ALL.set(Simd.LONG, table + 8L * (t * (PIXELS + 1) + i), a);
        }
        Simd.ALL.set(
            Simd.LONG, table + 8L * (t * (PIXELS + 1) + PIXELS), weights + grid.taps()[t] * pixel);
      }
      long o = out + (outRow * grid.outW() + (long) x * grid.outStepX() + grid.outX()) * pixel;
      pixels(taps, table, channels, n, o, stride);
      epilogue.apply(o, stride, n, 0, channels);
    }
  }

  private static void pixels(int taps, long table, int channels, int n, long out, long stride) {
    int bound = Simd.S.loopBound(channels);
    for (int c = 0; c < bound; c += Simd.LANES) {
      FloatVector s0 = FloatVector.zero(Simd.S);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      long at = 4L * c;
      for (int t = 0; t < taps; t++) {
        long e = table + 8L * t * (PIXELS + 1);
        FloatVector w = Simd.load(Simd.ALL.get(Simd.LONG, e + 8L * PIXELS) + at);
        s0 = w.fma(Simd.load(Simd.ALL.get(Simd.LONG, e) + at), s0);
        s1 = w.fma(Simd.load(Simd.ALL.get(Simd.LONG, e + 8) + at), s1);
        s2 = w.fma(Simd.load(Simd.ALL.get(Simd.LONG, e + 16) + at), s2);
        s3 = w.fma(Simd.load(Simd.ALL.get(Simd.LONG, e + 24) + at), s3);
      }
      Simd.store(s0, out + at);
      if (n > 1) {
        Simd.store(s1, out + stride + at);
      }
      if (n > 2) {
        Simd.store(s2, out + 2 * stride + at);
      }
      if (n > 3) {
        Simd.store(s3, out + 3 * stride + at);
      }
    }
    if (bound < channels) {
      VectorMask<Float> m = Simd.S.indexInRange(bound, channels);
      long at = 4L * bound;
      for (int i = 0; i < n; i++) {
        FloatVector s = FloatVector.zero(Simd.S);
        for (int t = 0; t < taps; t++) {
          long e = table + 8L * t * (PIXELS + 1);
          FloatVector w = Simd.load(Simd.ALL.get(Simd.LONG, e + 8L * PIXELS) + at, m);
          s = w.fma(Simd.load(Simd.ALL.get(Simd.LONG, e + 8L * i) + at, m), s);
        }
        Simd.store(s, out + i * stride + at, m);
      }
    }
  }

  /** The gradient to the weights, (c, taps, 1), in parts of the images that are added in order. */
  static void weightGrad(ConvGeometry g, long x, long dy, long dw, CpuMemory memory) {
    Gather grid = Gather.forward(g);
    int taps = grid.taps().length;
    int rows = g.n() * g.outH();
    int splits = Math.min(SPLITS, rows);
    long floats = (long) taps * g.c();
    CpuBuffer.Block parts = memory.take(4 * floats * splits);
    try {
      Parallel.run(
          splits,
          s -> {
            long part = parts.address() + 4 * floats * s;
            Simd.zero(part, 4 * floats);
            for (int r = (int) ((long) rows * s / splits);
                r < (int) ((long) rows * (s + 1) / splits);
                r++) {
              weightGradRow(grid, g.c(), x, dy, part, r);
            }
          });
      for (int c = 0; c < g.c(); c++) {
        for (int t = 0; t < taps; t++) {
          float sum = 0;
          for (int s = 0; s < splits; s++) {
            sum += Simd.getFloat(parts.address() + 4 * (floats * s + (long) t * g.c() + c));
          }
          Simd.putFloat(dw + 4L * ((long) c * taps + t), sum);
        }
      }
    } finally {
      memory.giveBack(parts);
    }
  }

  private static void weightGradRow(
      Gather grid, int channels, long x, long dy, long part, int row) {
    int image = row / grid.gridH();
    int y = row % grid.gridH();
    long pixel = 4L * channels;
    for (int t = 0; t < grid.taps().length; t++) {
      int r = y * grid.strideY() + grid.tapY()[t];
      int x0 = Math.max(0, WeightGradient.first(grid.tapX()[t], grid.strideX()));
      int x1 =
          Math.min(grid.gridW(), WeightGradient.last(grid.tapX()[t], grid.strideX(), grid.inW()));
      if (r < 0 || r >= grid.inH() || x1 <= x0) {
        continue;
      }
      long inColumn = (long) x0 * grid.strideX() + grid.tapX()[t];
      long a = x + (((long) image * grid.inH() + r) * grid.inW() + inColumn) * pixel;
      long b = dy + ((long) row * grid.gridW() + x0) * pixel;
      products(channels, x1 - x0, a, grid.strideX() * pixel, b, pixel, part + t * pixel);
    }
  }

  /** Adds to each channel's sum the products of two runs of pixels. */
  private static void products(
      int channels, int n, long a, long aStep, long b, long bStep, long to) {
    int lanes = Simd.LANES;
    int c = 0;
    for (; c + 4 * lanes <= channels; c += 4 * lanes) {
      long at = 4L * c;
      FloatVector s0 = Simd.load(to + at);
      FloatVector s1 = Simd.load(to + at + Simd.BYTES);
      FloatVector s2 = Simd.load(to + at + 2L * Simd.BYTES);
      FloatVector s3 = Simd.load(to + at + 3L * Simd.BYTES);
      for (int i = 0; i < n; i++) {
        long p = a + i * aStep + at;
        long q = b + i * bStep + at;
        s0 = Simd.load(p).fma(Simd.load(q), s0);
        s1 = Simd.load(p + Simd.BYTES).fma(Simd.load(q + Simd.BYTES), s1);
        s2 = Simd.load(p + 2L * Simd.BYTES).fma(Simd.load(q + 2L * Simd.BYTES), s2);
        s3 = Simd.load(p + 3L * Simd.BYTES).fma(Simd.load(q + 3L * Simd.BYTES), s3);
      }
      Simd.store(s0, to + at);
      Simd.store(s1, to + at + Simd.BYTES);
      Simd.store(s2, to + at + 2L * Simd.BYTES);
      Simd.store(s3, to + at + 3L * Simd.BYTES);
    }
    for (; c < channels; c += lanes) {
      VectorMask<Float> m = Simd.S.indexInRange(c, channels);
      long at = 4L * c;
      FloatVector s = Simd.load(to + at, m);
      for (int i = 0; i < n; i++) {
        s = Simd.load(a + i * aStep + at, m).fma(Simd.load(b + i * bStep + at, m), s);
      }
      Simd.store(s, to + at, m);
    }
  }
}
