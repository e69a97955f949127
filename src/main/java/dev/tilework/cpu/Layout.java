package dev.tilework.cpu;

import dev.tilework.DType;
import dev.tilework.Shape;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Moving elements. */
final class Layout {
  private static final long BYTES = 4L * Parallel.GRAIN;

  private Layout() {}

  static void run(LayoutOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.get(0);
    switch (op) {
      case LayoutOp.Concat o -> concat(o.axis(), y, in);
      case LayoutOp.Slice o -> slice(o, y, in.get(0));
      case LayoutOp.SliceGrad o -> sliceGrad(o, y, in.get(0));
      case LayoutOp.Transpose o -> Transposes.run(o.axes(), y, in.get(0));
      case LayoutOp.BroadcastTo o -> Broadcasting.copy(y, in.get(0));
      case LayoutOp.Fill o -> fill(o, y);
    }
  }

  /** The bytes of what an index of an axis and all outer ones holds. */
  private static long bytesAt(Operand o, int axis) {
    Shape s = o.shape();
    return s.product(axis, s.rank()) * o.dtype().bytes();
  }

  private static void concat(int axis, Operand out, List<Operand> in) {
    long pitch = bytesAt(out, axis);
    long outer = out.shape().product(0, axis);
    long to = CpuDriver.address(out);
    for (Operand x : in) {
      long bytes = bytesAt(x, axis);
      move(outer, bytes, CpuDriver.address(x), bytes, to, pitch);
      to += bytes;
    }
  }

  private static void slice(LayoutOp.Slice op, Operand out, Operand x) {
    long start = op.start() * bytesAt(x, op.axis() + 1);
    move(
        x.shape().product(0, op.axis()),
        bytesAt(out, op.axis()),
        CpuDriver.address(x) + start,
        bytesAt(x, op.axis()),
        CpuDriver.address(out),
        bytesAt(out, op.axis()));
  }

  /** Copies rows of bytes from one pitch to another. */
  private static void move(
      long rows, long bytes, long from, long fromPitch, long to, long toPitch) {
    if (bytes == 0) {
      return;
    }
    Parallel.rows(
        rows,
        (bytes + 3) / 4,
        (i, j) -> {
          for (long r = i; r < j; r++) {
            copy(from + r * fromPitch, to + r * toPitch, bytes);
          }
        });
  }

  private static void copy(long from, long to, long bytes) {
    if (bytes <= BYTES) {
      Moves.copy(from, to, bytes);
    } else {
      Parallel.ranges(bytes, BYTES, (i, j) -> Moves.copy(from + i, to + i, j - i));
    }
  }

  private static void sliceGrad(LayoutOp.SliceGrad op, Operand out, Operand dy) {
    long inner = bytesAt(out, op.axis() + 1);
    long row = bytesAt(out, op.axis());
    long bytes = bytesAt(dy, op.axis());
    long before = op.start() * inner;
    long from = CpuDriver.address(dy);
    long to = CpuDriver.address(out);
    Parallel.rows(
        out.shape().product(0, op.axis()),
        row / 4,
        (i, j) -> {
          for (long r = i; r < j; r++) {
            long y = to + r * row;
            zero(y, before);
            copy(from + r * bytes, y + before, bytes);
            zero(y + before + bytes, row - before - bytes);
          }
        });
  }

  private static void zero(long to, long bytes) {
    Parallel.ranges(bytes / 4, Parallel.GRAIN, (i, j) -> Moves.fillInts(0, to + 4 * i, j - i));
  }

  private static void fill(LayoutOp.Fill op, Operand out) {
    long y = CpuDriver.address(out);
    float v = op.value();
    int bits =
        switch (op.dtype()) {
          case FLOAT32 -> Float.floatToRawIntBits(v);
          case FLOAT16 -> Float.floatToFloat16(v) & 0xFFFF;
          case BFLOAT16 -> Casts.bfloat16(v) & 0xFFFF;
          case INT32 -> (int) v;
          case UINT8 -> Casts.uint8(v) & 0xFF;
        };
    int word =
        switch (op.dtype().bytes()) {
          case 1 -> bits * 0x01010101;
          case 2 -> bits * 0x00010001;
          default -> bits;
        };
    long bytes = out.elements() * op.dtype().bytes();
    Parallel.ranges(bytes / 4, Parallel.GRAIN, (i, j) -> Moves.fillInts(word, y + 4 * i, j - i));
    for (long i = bytes & -4; i < bytes; i += op.dtype().bytes()) {
      if (op.dtype() == DType.UINT8) {
        Simd.putByte(y + i, (byte) bits);
      } else {
        Simd.putShort(y + i, (short) bits);
      }
    }
  }
}
