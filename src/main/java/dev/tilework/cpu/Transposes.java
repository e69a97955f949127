package dev.tilework.cpu;

import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.util.List;

/**
 * Axes in another order. Where the last axis stays, rows are copied; else squares of the plane of
 * x's and the result's last axes are, so that the cache lines of both sides are used whole.
 */
final class Transposes {
  private static final int SQUARE = 16;

  private Transposes() {}

  static void run(List<Integer> axes, Operand out, Operand in) {
    if (in.elements() == 0) {
      return;
    }
    Loops loops = Loops.permuted(in.shape(), axes);
    long[] extent = loops.extent;
    long[] stride = loops.stride[0];
    int rank = extent.length;
    long from = CpuDriver.address(in);
    long to = CpuDriver.address(out);
    int size = in.dtype().bytes();
    if (loops.innerStride(0) <= 1) {
      rows(extent, stride, rank, from, to, size);
    } else {
      planes(extent, stride, rank, from, to, size);
    }
  }

  private static void rows(long[] extent, long[] stride, int rank, long from, long to, int size) {
    long rows = 1;
    for (int i = 0; i < rank - 1; i++) {
      rows *= extent[i];
    }
    long width = extent[rank - 1];
    Parallel.rows(
        rows,
        width,
        (i, j) -> {
          for (long r = i; r < j; r++) {
            long source = from + size * offset(r, extent, stride, rank - 1, -1);
            long target = to + size * r * width;
            Parallel.ranges(
                width * size,
                4L * Parallel.GRAIN,
                (b, e) -> Moves.copy(source + b, target + b, e - b));
          }
        });
  }

  private static long offset(long index, long[] extent, long[] stride, int axes, int except) {
    long offset = 0;
    for (int i = axes - 1; i >= 0; i--) {
      if (i != except) {
        offset += index % extent[i] * stride[i];
        index /= extent[i];
      }
    }
    return offset;
  }

  private static void planes(long[] extent, long[] stride, int rank, long from, long to, int size) {
    int last = rank - 1;
    int q = 0;
    while (stride[q] != 1) {
      q++;
    }
    int contiguous = q;
    // The result's strides, of which only those of the outer axes and of axis q are needed.
    long[] target = new long[rank];
    long outer = 1;
    long step = 1;
    for (int i = last; i >= 0; i--) {
      target[i] = step;
      step *= extent[i];
      outer *= i == last || i == q ? 1 : extent[i];
    }
    long bandsOfPlane = (extent[q] + SQUARE - 1) / SQUARE;
    Parallel.rows(
        outer * bandsOfPlane,
        SQUARE * extent[last],
        (i, j) -> {
          for (long band = i; band < j; band++) {
            long o = band / bandsOfPlane;
            long first = band % bandsOfPlane * SQUARE;
            int height = (int) Math.min(SQUARE, extent[contiguous] - first);
            long source = from + size * (offset(o, extent, stride, last, contiguous) + first);
            long destination =
                to
                    + size
                        * (offset(o, extent, target, last, contiguous)
                            + first * target[contiguous]);
            for (long c = 0; c < extent[last]; c += SQUARE) {
              int width = (int) Math.min(SQUARE, extent[last] - c);
              square(
                  source + size * c * stride[last],
                  size * stride[last],
                  destination + size * c,
                  size * target[contiguous],
                  height,
                  width,
                  size);
            }
          }
        });
  }

  /** Element (r, c) of the target is element (c, r) of the source. */
  private static void square(
      long from, long fromPitch, long to, long toPitch, int height, int width, int size) {
    for (int r = 0; r < height; r++) {
      long source = from + (long) r * size;
      long target = to + r * toPitch;
      switch (size) {
        case 1 -> {
          for (int c = 0; c < width; c++) {
            Simd.putByte(target + c, Simd.getByte(source + c * fromPitch));
          }
        }
        case 2 -> {
          for (int c = 0; c < width; c++) {
            Simd.putShort(target + 2L * c, Simd.getShort(source + c * fromPitch));
          }
        }
        default -> {
          for (int c = 0; c < width; c++) {
            Simd.putInt(target + 4L * c, Simd.getInt(source + c * fromPitch));
          }
        }
      }
    }
  }
}
