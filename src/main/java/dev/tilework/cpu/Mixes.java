package dev.tilework.cpu;

import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Mixes images of a batch; see {@link ImageOp.Mix}. */
final class Mixes {
  private final int n;
  private final int h;
  private final int w;
  private final int c;
  private final long x;
  private final long partners;
  private final long parameters;
  private final long y;

  private Mixes(Operand y, Operand x, Operand partners, Operand parameters) {
    this.n = x.shape().dim(0);
    this.h = x.shape().dim(1);
    this.w = x.shape().dim(2);
    this.c = x.shape().dim(3);
    this.x = CpuDriver.address(x);
    this.partners = CpuDriver.address(partners);
    this.parameters = CpuDriver.address(parameters);
    this.y = CpuDriver.address(y);
  }

  static void run(List<Operand> out, List<Operand> in) {
    Mixes m = new Mixes(out.getFirst(), in.get(0), in.get(1), in.get(2));
    Parallel.rows(
        (long) m.n * m.h,
        (long) m.w * m.c,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            m.row((int) (r / m.h), (int) (r % m.h));
          }
        });
  }

  private void row(int image, int p) {
    long t = parameters + 4L * ImageOp.MIX_PARAMETERS * image;
    float weight = Simd.getFloat(t);
    boolean crossed = p >= Simd.getFloat(t + 4) && p < Simd.getFloat(t + 12);
    float left = crossed ? Simd.getFloat(t + 8) : 0;
    float right = crossed ? Simd.getFloat(t + 16) : 0;
    int partner = Simd.getInt(partners + 4L * image);
    long own = 4L * c * w * ((long) image * h + p);
    if (partner < 0 || partner >= n) {
      for (long i = 0; i < (long) w * c; i++) {
        Simd.putFloat(y + own + 4 * i, Float.NaN);
      }
      return;
    }
    long other = 4L * c * w * ((long) partner * h + p);
    for (int q = 0; q < w; q++) {
      float u = q >= left && q < right ? 1 : weight;
      for (int k = 0; k < c; k++) {
        long at = 4L * (q * (long) c + k);
        float v = Warps.mix(Simd.getFloat(x + own + at), Simd.getFloat(x + other + at), u);
        Simd.putFloat(y + own + at, v);
      }
    }
  }
}
