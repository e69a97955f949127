package dev.tilework.cpu;

import dev.tilework.DType;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/**
 * Affine maps of coordinates and colours with noise; see {@link ImageOp.Warp}. A task is an image.
 * It is copied first to where it has a margin of the filling colour, so that no access needs to ask
 * whether it is inside.
 */
final class Warps {
  private static final int CHUNK = 4 * Philox.BLOCKS;

  /** Rows and columns before the image. */
  private static final int BEFORE = 2;

  /** Those before it and after: positions are clamped to -2 and h + 1, and have a neighbour. */
  private static final int MARGIN = BEFORE + 3;

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
        in.getFirst().shape().dim(0),
        8L * op.outH() * op.outW() * warps.c,
        (from, to) -> {
          Image image = warps.new Image();
          for (long n = from; n < to; n++) {
            image.run((int) n);
          }
        });
  }

  static float mix(float from, float to, float part) {
    return Math.fma(part, to, Math.fma(-part, from, from));
  }

  /** Makes images, one after the other. */
  private final class Image {
    private final float[] t = new float[ImageOp.warpParameters(c)];
    private final int pitch = (w + MARGIN) * c;
    private final float[] framed = new float[Math.multiplyExact(h + MARGIN, pitch)];
    private final float[] weight = new float[c];
    private final float[] scale = new float[c];
    private final float[] grey = new float[c];
    private final float[] shift = new float[c];
    private final float[] noise = new float[c];
    private final float[] sampled = new float[c];
    private final NormalNumbers z = new NormalNumbers(op.seed(), op.stream());

    void run(int n) {
      for (int k = 0; k < t.length; k++) {
        t[k] = Simd.getFloat(parameters + 4 * (n * (long) t.length + k));
      }
      boolean anyGrey = false;
      boolean anyNoise = false;
      for (int k = 0; k < c; k++) {
        int at = ImageOp.WARP_GEOMETRY + ImageOp.WARP_CHANNEL * k;
        weight[k] = t[at + 1];
        scale[k] = t[at + 2];
        grey[k] = t[at + 3];
        shift[k] = t[at + 4];
        noise[k] = t[at + 5];
        anyGrey |= grey[k] != 0;
        anyNoise |= noise[k] != 0;
      }
      frame(x + (long) n * h * w * c * (bytes ? 1 : 4));
      int size = op.outH() * op.outW() * c;
      long to = y + 4L * n * size;
      for (int p = 0; p < op.outH(); p++) {
        row(p, anyGrey, to + 4L * p * op.outW() * c);
      }
      if (anyNoise) {
        addNoise(Simd.getInt(numbers + 4L * n), size, to);
      }
    }

    private void frame(long image) {
      for (int i = 0; i < framed.length; i += c) {
        for (int k = 0; k < c; k++) {
          framed[i + k] = t[ImageOp.WARP_GEOMETRY + ImageOp.WARP_CHANNEL * k];
        }
      }
      int row = w * c;
      for (int p = 0; p < h; p++) {
        long from = image + (long) p * row * (bytes ? 1 : 4);
        int to = (p + BEFORE) * pitch + BEFORE * c;
        if (bytes) {
          for (int i = 0; i < row; i++) {
            framed[to + i] = Simd.getByte(from + i) & 0xFF;
          }
        } else {
          for (int i = 0; i < row; i++) {
            framed[to + i] = Simd.getFloat(from + 4L * i);
          }
        }
      }
    }

    private void row(int p, boolean anyGrey, long to) {
      float dp = p - (op.outH() - 1) / 2f;
      float columns = Math.fma(t[1], dp, t[2] + (w - 1) / 2f);
      float rows = Math.fma(t[4], dp, t[5] + (h - 1) / 2f);
      float most = (op.outW() - 1) / 2f;
      for (int q = 0; q < op.outW(); q++) {
        float row = Math.fma(t[3], q - most, rows);
        float column = Math.fma(t[0], q - most, columns);
        // NaN is outside.
        row = row > -2 ? Math.min(row, h + 1) : -2;
        column = column > -2 ? Math.min(column, w + 1) : -2;
        // The whole part; the sum may have been rounded up to the next number.
        int top = (int) (row + BEFORE);
        int left = (int) (column + BEFORE);
        top -= top - BEFORE > row ? 1 : 0;
        left -= left - BEFORE > column ? 1 : 0;
        float down = row - (top - BEFORE);
        float right = column - (left - BEFORE);
        int at = top * pitch + left * c;
        float g = 0;
        for (int k = 0; k < c; k++, at++) {
          float upper = mix(framed[at], framed[at + c], right);
          float lower = mix(framed[at + pitch], framed[at + pitch + c], right);
          sampled[k] = mix(upper, lower, down);
          g = Math.fma(weight[k], sampled[k], g);
        }
        g = anyGrey ? g : 0;
        long pixel = to + 4L * q * c;
        for (int k = 0; k < c; k++) {
          float v = Math.fma(scale[k], sampled[k], Math.fma(grey[k], g, shift[k]));
          Simd.putFloat(pixel + 4L * k, v);
        }
      }
    }

    private void addNoise(int number, int size, long to) {
      int channel = 0;
      for (int from = 0; from < size; from += CHUNK) {
        int length = Math.min(CHUNK, size - from);
        z.fillBlocks((long) number << 32 | from / 4, length);
        for (int i = 0; i < length; i++) {
          long at = to + 4L * (from + i);
          Simd.putFloat(at, Math.fma(noise[channel], z.values[i], Simd.getFloat(at)));
          channel = channel + 1 == c ? 0 : channel + 1;
        }
      }
    }
  }
}
