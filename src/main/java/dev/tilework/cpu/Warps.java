package dev.tilework.cpu;

import dev.tilework.DType;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Affine maps of coordinates and colours with noise; see {@link ImageOp.Warp}. */
final class Warps {
  private static final int CHUNK = 4 * Philox.BLOCKS;
  private static final int FILL = 0;
  private static final int WEIGHT = 1;
  private static final int SCALE = 2;
  private static final int GREY = 3;
  private static final int SHIFT = 4;
  private static final int NOISE = 5;

  private final ImageOp.Warp op;
  private final int h;
  private final int w;
  private final int c;
  private final boolean bytes;
  private final long x;
  private final long parameters;
  private final long numbers;
  private final long y;

  private Warps(ImageOp.Warp op, Operand out, List<Operand> in) {
    Operand x = in.getFirst();
    this.op = op;
    this.h = x.shape().dim(1);
    this.w = x.shape().dim(2);
    this.c = x.shape().dim(3);
    this.bytes = x.dtype() == DType.UINT8;
    this.x = CpuDriver.address(x);
    this.parameters = CpuDriver.address(in.get(1));
    this.numbers = CpuDriver.address(in.get(2));
    this.y = CpuDriver.address(out);
  }

  static void run(ImageOp.Warp op, List<Operand> out, List<Operand> in) {
    Warps warps = new Warps(op, out.getFirst(), in);
    Parallel.rows(
        (long) in.get(0).shape().dim(0) * op.outH(),
        4L * op.outW() * warps.c,
        (from, to) -> {
          NormalNumbers z = new NormalNumbers(op.seed(), op.stream());
          Row row = warps.new Row();
          for (long r = from; r < to; r++) {
            row.run((int) (r / op.outH()), (int) (r % op.outH()), z);
          }
        });
  }

  static float mix(float from, float to, float part) {
    return Math.fma(part, to, Math.fma(-part, from, from));
  }

  /** Makes rows of the result, one after the other. */
  private final class Row {
    private final float[] t = new float[ImageOp.warpParameters(c)];
    private final float[] sampled = new float[c];
    private long image;

    void run(int n, int p, NormalNumbers z) {
      boolean grey = false;
      boolean noisy = false;
      for (int k = 0; k < t.length; k++) {
        t[k] = Simd.getFloat(parameters + 4 * (n * (long) t.length + k));
      }
      for (int k = 0; k < c; k++) {
        grey |= of(k, GREY) != 0;
        noisy |= of(k, NOISE) != 0;
      }
      int pixelBytes = c * (bytes ? 1 : 4);
      image = x + (long) n * h * w * pixelBytes;
      // The element of the image with which the row begins.
      long first = (long) p * op.outW() * c;
      long to = y + 4 * ((long) n * op.outH() * op.outW() * c + first);
      float dp = p - (op.outH() - 1) / 2f;
      float columns = Math.fma(t[1], dp, t[2] + (w - 1) / 2f);
      float rows = Math.fma(t[4], dp, t[5] + (h - 1) / 2f);
      for (int q = 0; q < op.outW(); q++) {
        float dq = q - (op.outW() - 1) / 2f;
        sample(Math.fma(t[3], dq, rows), Math.fma(t[0], dq, columns));
        colour(grey, to + 4L * q * c);
      }
      if (noisy) {
        noise(Simd.getInt(numbers + 4L * n), first, to, z);
      }
    }

    private float of(int channel, int parameter) {
      return t[ImageOp.WARP_GEOMETRY + ImageOp.WARP_CHANNEL * channel + parameter];
    }

    private void sample(float row, float column) {
      // Clamped so far outside that all four neighbours are too, and integers do not overflow. NaN
      // is outside.
      float r = row > -2 ? Math.min(row, h + 1) : -2;
      float s = column > -2 ? Math.min(column, w + 1) : -2;
      int top = (int) Math.floor(r);
      int left = (int) Math.floor(s);
      float down = r - top;
      float right = s - left;
      boolean upper = top >= 0 && top < h;
      boolean lower = top >= -1 && top < h - 1;
      boolean near = left >= 0 && left < w;
      boolean far = left >= -1 && left < w - 1;
      long at = ((long) top * w + left) * c;
      long below = at + (long) w * c;
      for (int k = 0; k < c; k++) {
        float fill = of(k, FILL);
        float a = upper && near ? value(at + k) : fill;
        float b = upper && far ? value(at + c + k) : fill;
        float d = lower && near ? value(below + k) : fill;
        float e = lower && far ? value(below + c + k) : fill;
        sampled[k] = mix(mix(a, b, right), mix(d, e, right), down);
      }
    }

    private float value(long element) {
      return bytes ? Simd.getByte(image + element) & 0xFF : Simd.getFloat(image + 4 * element);
    }

    private void colour(boolean grey, long to) {
      float g = 0;
      for (int k = 0; grey && k < c; k++) {
        g = Math.fma(of(k, WEIGHT), sampled[k], g);
      }
      for (int k = 0; k < c; k++) {
        float v = Math.fma(of(k, SCALE), sampled[k], Math.fma(of(k, GREY), g, of(k, SHIFT)));
        Simd.putFloat(to + 4L * k, v);
      }
    }

    /** Adds noise to the row whose first element in the image is given. */
    private void noise(int number, long first, long to, NormalNumbers z) {
      long end = first + (long) op.outW() * c;
      int channel = 0;
      for (long i = first; i < end; ) {
        long block = i & -4;
        int length = (int) Math.min(CHUNK, end - block);
        z.fillBlocks((long) number << 32 | block / 4, length);
        for (; i < block + length; i++) {
          long at = to + 4 * (i - first);
          float v = z.values[(int) (i - block)];
          Simd.putFloat(at, Math.fma(of(channel, NOISE), v, Simd.getFloat(at)));
          channel = channel + 1 == c ? 0 : channel + 1;
        }
      }
    }
  }
}
