package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.Shape;
import dev.tilework.kernels.ElementwiseOp.Binary;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Binary arithmetic and copies with broadcasting. The innermost loop, as long as {@link Loops} can
 * make it, meets each operand as a row or as one number, so equal shapes, a number and a vector per
 * channel need no code of their own. A short vector per channel is first repeated to a longer row.
 */
final class Broadcasting {
  private Broadcasting() {}

  static void binary(Binary.Kind kind, Operand out, Operand a, Operand b) {
    binary(
        kind,
        out.shape(),
        CpuDriver.address(out),
        a.shape(),
        CpuDriver.address(a),
        b.shape(),
        CpuDriver.address(b));
  }

  /** For memory that is not an operand's: each shape is followed by its address. */
  static void binary(Binary.Kind kind, Shape out, long y, Shape a, long pa, Shape b, long pb) {
    Loops loops = Loops.of(out, a, b);
    long width = loops.inner();
    if (Period.helps(width) && loops.extent.length == 2) {
      boolean perChannelA = loops.stride[0][0] == 0 && loops.innerStride(0) == 1;
      boolean perChannelB = loops.stride[1][0] == 0 && loops.innerStride(1) == 1;
      boolean denseA = loops.stride[0][0] == width && loops.innerStride(0) == 1;
      boolean denseB = loops.stride[1][0] == width && loops.innerStride(1) == 1;
      if (denseA && perChannelB || perChannelA && denseB) {
        Period p = new Period((int) width, out.elements());
        long repeated = p.repeat(0, perChannelB ? pb : pa);
        p.tasks(
            (from, n) -> {
              for (long i = from; i < from + n; i += p.width) {
                int length = (int) Math.min(p.width, from + n - i);
                long da = perChannelB ? pa + 4 * i : repeated;
                long db = perChannelB ? repeated : pb + 4 * i;
                rows(kind, da, db, y + 4 * i, length);
              }
            });
        return;
      }
    }
    Parallel.rows(
        loops.rows(),
        width,
        (from, to) -> {
          Loops.Cursor at = loops.from(from);
          for (long r = from; r < to; r++, at.next()) {
            long ra = pa + 4 * at.offset[0];
            long rb = pb + 4 * at.offset[1];
            long ry = y + 4 * r * width;
            row(kind, loops, ra, rb, ry);
          }
        });
  }

  /** One row; a long one is cut, and its parts run in parallel when it is alone. */
  private static void row(Binary.Kind kind, Loops loops, long a, long b, long y) {
    long sa = loops.innerStride(0);
    long sb = loops.innerStride(1);
    Parallel.ranges(
        loops.inner(),
        Parallel.GRAIN,
        (from, to) -> {
          int n = (int) (to - from);
          long pa = a + 4 * from * sa;
          long pb = b + 4 * from * sb;
          long py = y + 4 * from;
          if (sa == sb) {
            // Both rows; or both single numbers, where the result is one element too.
            rows(kind, pa, pb, py, n);
          } else if (sb == 0) {
            rowNumber(kind, pa, Simd.getFloat(pb), py, n);
          } else {
            numberRow(kind, Simd.getFloat(pa), pb, py, n);
          }
        });
  }

  private static FloatVector apply(Binary.Kind kind, FloatVector a, FloatVector b) {
    return switch (kind) {
      case ADD -> a.add(b);
      case SUBTRACT -> a.sub(b);
      case MULTIPLY -> a.mul(b);
      case DIVIDE -> a.div(b);
    };
  }

  private static void rows(Binary.Kind kind, long a, long b, long y, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(apply(kind, Simd.load(a + 4L * i), Simd.load(b + 4L * i)), y + 4L * i);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      FloatVector va = Simd.load(a + 4L * whole, m);
      FloatVector vb = Simd.load(b + 4L * whole, m);
      Simd.store(apply(kind, va, vb), y + 4L * whole, m);
    }
  }

  private static void rowNumber(Binary.Kind kind, long a, float b, long y, int n) {
    FloatVector vb = Simd.splat(b);
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(apply(kind, Simd.load(a + 4L * i), vb), y + 4L * i);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      Simd.store(apply(kind, Simd.load(a + 4L * whole, m), vb), y + 4L * whole, m);
    }
  }

  private static void numberRow(Binary.Kind kind, float a, long b, long y, int n) {
    FloatVector va = Simd.splat(a);
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(apply(kind, va, Simd.load(b + 4L * i)), y + 4L * i);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      Simd.store(apply(kind, va, Simd.load(b + 4L * whole, m)), y + 4L * whole, m);
    }
  }

  /** Elements repeated along the axes where x has extent 1. */
  static void copy(Operand out, Operand x) {
    if (out.elements() == 0) {
      return;
    }
    Loops loops = Loops.of(out.shape(), x.shape());
    long px = CpuDriver.address(x);
    long y = CpuDriver.address(out);
    long width = loops.inner();
    if (Period.helps(width) && loops.extent.length == 2 && loops.stride[0][0] == 0) {
      Period p = new Period((int) width, out.elements());
      long repeated = p.repeat(0, px);
      p.tasks(
          (from, n) -> {
            for (long i = from; i < from + n; i += p.width) {
              Moves.copy(repeated, y + 4 * i, 4 * Math.min(p.width, from + n - i));
            }
          });
      return;
    }
    boolean number = loops.innerStride(0) == 0;
    Parallel.rows(
        loops.rows(),
        width,
        (from, to) -> {
          Loops.Cursor at = loops.from(from);
          for (long r = from; r < to; r++, at.next()) {
            long source = px + 4 * at.offset[0];
            long row = y + 4 * r * width;
            Parallel.ranges(
                width,
                Parallel.GRAIN,
                (i, j) -> {
                  if (number) {
                    Moves.fillInts(Simd.getInt(source), row + 4 * i, j - i);
                  } else {
                    Moves.copy(source + 4 * i, row + 4 * i, 4 * (j - i));
                  }
                });
          }
        });
  }
}
