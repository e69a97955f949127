package dev.tilework.cuda;

import dev.tilework.Shape;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.TensorSpec;
import java.util.List;

/** Moving elements; see layout.cu. */
final class Layout {
  private Layout() {}

  static void run(Session s, LayoutOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    Count.of(y);
    in.forEach(Count::of);
    if (y.elements() == 0) {
      return;
    }
    switch (op) {
      case LayoutOp.Concat o -> concat(s, o.axis(), y, in);
      case LayoutOp.Slice o -> slice(s, o, y, in.getFirst());
      case LayoutOp.SliceGrad o -> sliceGrad(s, o, y, in.getFirst());
      case LayoutOp.Transpose o -> Transposes.run(s, o.axes(), y, in.getFirst());
      case LayoutOp.BroadcastTo o -> {
        Operand x = in.getFirst();
        move(s, x, y, Loops.of(y.shape(), x.shape(), y.shape()));
      }
      case LayoutOp.Fill o -> fill(s, o, y);
    }
  }

  /** The elements in an index of an axis and of all outer ones. */
  private static int pitch(Operand o, int axis) {
    return (int) o.shape().product(axis, o.shape().rank());
  }

  private static void concat(Session s, int axis, Operand y, List<Operand> in) {
    int pitch = pitch(y, axis);
    int outer = (int) y.shape().product(0, axis);
    int at = 0;
    for (Operand x : in) {
      int width = pitch(x, axis);
      if (width > 0) {
        move(s, x, part(y, at, x.shape()), rows(outer, width, width, pitch));
      }
      at += width;
    }
  }

  private static void slice(Session s, LayoutOp.Slice op, Operand y, Operand x) {
    int axis = op.axis();
    int width = pitch(y, axis);
    Operand from = part(x, op.start() * pitch(x, axis + 1), y.shape());
    move(s, from, y, rows((int) y.shape().product(0, axis), width, pitch(x, axis), width));
  }

  private static void sliceGrad(Session s, LayoutOp.SliceGrad op, Operand dx, Operand dy) {
    int n = (int) dx.elements();
    int before = op.start() * pitch(dx, op.axis() + 1);
    s.launcher.launch(
        "slice_grad",
        Grid.linear(n),
        dy,
        dx,
        n,
        pitch(dy, op.axis()),
        before,
        pitch(dx, op.axis()));
  }

  /** The elements from one on, as a tensor of their own. */
  private static Operand part(Operand o, int first, Shape shape) {
    long offset = o.offset() + (long) first * o.dtype().bytes();
    return new Operand(o.buffer(), offset, new TensorSpec(shape, o.dtype()));
  }

  /** Rows of a width, each so many elements after the last. */
  private static Loops rows(int rows, int width, int fromPitch, int toPitch) {
    return Loops.over(new int[] {rows, width}, new long[] {fromPitch, 1}, new long[] {toPitch, 1});
  }

  /** Copies the elements that the loops name. */
  static void move(Session s, Operand x, Operand y, Loops loops) {
    long n = loops.rows() * loops.inner();
    if (loops.extent.length == 1
        && (n == 1 || loops.innerStride(0) == 1 && loops.innerStride(1) == 1)) {
      copy(s, x, y, n);
      return;
    }
    s.launcher.launch("move_" + x.dtype().bytes(), Grid.linear(n), x, y, (int) n, Struct.of(loops));
  }

  /** Copies so many elements. */
  static void copy(Session s, Operand x, Operand y, long n) {
    s.copy(
        ((CudaBuffer) y.buffer()).address.withByteOffset(y.offset()),
        ((CudaBuffer) x.buffer()).address.withByteOffset(x.offset()),
        n * x.dtype().bytes());
  }

  private static void fill(Session s, LayoutOp.Fill op, Operand y) {
    float v = op.value();
    int n = (int) y.elements();
    int bits =
        switch (op.dtype()) {
          case FLOAT32 -> Float.floatToRawIntBits(v);
          case FLOAT16 -> Float.floatToFloat16(v);
          case BFLOAT16 -> bfloat16(v);
          case INT32 -> (int) v;
          case UINT8 -> Math.clamp((int) v, 0, 255);
        };
    s.launcher.launch("fill_" + op.dtype().bytes(), Grid.linear(n), y, n, bits);
  }

  /** The bits of the nearest bfloat16, ties to even. */
  private static int bfloat16(float v) {
    int bits = Float.floatToRawIntBits(v);
    return Float.isNaN(v) ? bits >>> 16 | 0x40 : bits + 0x7FFF + (bits >>> 16 & 1) >>> 16;
  }
}
