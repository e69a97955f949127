package dev.tilework.cpu;

import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Affine warps with brightness, contrast and noise. */
final class Warps {
  private static final int CHUNK = 4 * Philox.BLOCKS;

  private Warps() {}

  static void run(ImageOp.Warp op, List<Operand> out, List<Operand> in) {
    Warp warp = new Warp(op, out.get(0), in.get(0), in.get(1));
    Parallel.rows(
        (long) in.get(0).shape().dim(0) * op.outH(),
        4L * op.outW() * in.get(0).shape().dim(3),
        (from, to) -> {
          NormalNumbers z = new NormalNumbers(op.seed(), op.stream());
          for (long r = from; r < to; r++) {
            warp.row((int) (r / op.outH()), (int) (r % op.outH()), z);
          }
        });
  }

  private static final class Warp {
    private final ImageOp.Warp op;
    private final int h;
    private final int w;
    private final int c;
    private final long x;
    private final long parameters;
    private final long y;

    Warp(ImageOp.Warp op, Operand out, Operand x, Operand parameters) {
      this.op = op;
      this.h = x.shape().dim(1);
      this.w = x.shape().dim(2);
      this.c = x.shape().dim(3);
      this.x = CpuDriver.address(x);
      this.parameters = CpuDriver.address(parameters);
      this.y = CpuDriver.address(out);
    }

    /** Row p of image n. */
    void row(int n, int p, NormalNumbers z) {
      double[] t = new double[ImageOp.WARP_PARAMETERS];
      for (int k = 0; k < t.length; k++) {
        t[k] = Simd.getFloat(parameters + 4L * (n * (long) t.length + k));
      }
      long image = x + 4L * n * h * w * c;
      long first = ((long) n * op.outH() + p) * op.outW() * c;
      double dp = p - (op.outH() - 1) / 2.0;
      for (int q = 0; q < op.outW(); q++) {
        double dq = q - (op.outW() - 1) / 2.0;
        double column = t[0] * dq + t[1] * dp + t[2] + (w - 1) / 2.0;
        double row = t[3] * dq + t[4] * dp + t[5] + (h - 1) / 2.0;
        pixel(image, row, column, (float) t[7], (float) t[6], y + 4 * (first + (long) q * c));
      }
      if (t[8] != 0) {
        noise(first, (long) op.outW() * c, (float) t[8], z);
      }
    }

    private void pixel(
        long image, double row, double column, float contrast, float brightness, long to) {
      // Clamped so far outside that all four neighbours are too, and integers do not overflow.
      double r = Math.clamp(row, -2.0, h + 1.0);
      double s = Math.clamp(column, -2.0, w + 1.0);
      int top = (int) Math.floor(r);
      int left = (int) Math.floor(s);
      float down = (float) (r - top);
      float right = (float) (s - left);
      long a = address(image, top, left);
      long b = address(image, top, left + 1);
      long d = address(image, top + 1, left);
      long e = address(image, top + 1, left + 1);
      float shift = 0.5f + brightness - 0.5f * contrast;
      for (int k = 0; k < c; k++) {
        float upper = mix(value(a, k), value(b, k), right);
        float lower = mix(value(d, k), value(e, k), right);
        float v = mix(upper, lower, down);
        Simd.putFloat(to + 4L * k, Math.fma(v, contrast, shift));
      }
    }

    private static float mix(float from, float to, float part) {
      return Math.fma(part, to, Math.fma(-part, from, from));
    }

    /** A pixel's address, or 0 where it is outside. */
    private long address(long image, int row, int column) {
      boolean inside = row >= 0 && row < h && column >= 0 && column < w;
      return inside ? image + 4L * c * ((long) row * w + column) : 0;
    }

    private float value(long pixel, int channel) {
      return pixel == 0 ? op.fill() : Simd.getFloat(pixel + 4L * channel);
    }

    private void noise(long first, long n, float scale, NormalNumbers z) {
      for (long i = first; i < first + n; ) {
        long block = i & -4;
        int length = (int) Math.min(CHUNK, first + n - block);
        z.fill(block, length);
        for (; i < block + length; i++) {
          float v = Simd.getFloat(y + 4 * i);
          Simd.putFloat(y + 4 * i, Math.fma(scale, z.values[(int) (i - block)], v));
        }
      }
    }
  }
}
