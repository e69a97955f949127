package dev.tilework.cuda;

import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import dev.tilework.kernels.plan.FillBits;
import dev.tilework.kernels.plan.Move;
import java.util.List;

/** Moving elements; see layout.cu. */
final class Layout {
  /** Bytes that a thread moves at once where it can. */
  private static final int PIECE = 16;

  private Layout() {}

  static void run(Session s, LayoutOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    Count.of(y);
    in.forEach(Count::of);
    if (y.elements() == 0) {
      return;
    }
    switch (op) {
      case LayoutOp.Concat o -> Move.concat(o.axis(), y, in).forEach(m -> move(s, m));
      case LayoutOp.Slice o -> move(s, Move.slice(o, y, in.getFirst()));
      case LayoutOp.SliceGrad o -> sliceGrad(s, o, y, in.getFirst());
      case LayoutOp.Transpose o -> Transposes.run(s, o.axes(), y, in.getFirst());
      case LayoutOp.BroadcastTo o -> move(s, Move.broadcast(y, in.getFirst()));
      case LayoutOp.Fill o -> {
        int n = Count.of(y);
        fill(s, y, n, o.dtype().bytes(), FillBits.of(o));
      }
    }
  }

  private static void sliceGrad(Session s, LayoutOp.SliceGrad op, Operand dx, Operand dy) {
    int n = Count.of(dx);
    int before = op.start() * Move.pitch(dx, op.axis() + 1);
    int width = Move.pitch(dy, op.axis());
    int pitch = Move.pitch(dx, op.axis());
    // All three are multiples of four or a pack would have elements of two kinds.
    int packs = Width.of(width | before | pitch, dy, dx);
    s.launcher.launch(
        "slice_grad_" + packs, Grid.linear(n / packs), dy, dx, n, width, before, pitch);
  }

  private static void fill(Session s, Operand y, int n, int bytes, int bits) {
    if ((long) n * bytes % PIECE == 0 && Width.isAligned(y)) {
      int word =
          switch (bytes) {
            case 1 -> (bits & 0xFF) * 0x01010101;
            case 2 -> (bits & 0xFFFF) * 0x00010001;
            default -> bits;
          };
      int pieces = (int) ((long) n * bytes / PIECE);
      s.launcher.launch("fill_" + PIECE, Grid.linear(pieces), y, pieces, word);
    } else {
      s.launcher.launch("fill_" + bytes, Grid.linear(n), y, n, bits);
    }
  }

  /** Copies the elements of a move. */
  static void move(Session s, Move m) {
    int n = m.elements();
    if (m.isCopy()) {
      copy(s, m.from(), m.to(), n);
      return;
    }
    int bytes = m.from().dtype().bytes();
    int piece = PIECE / bytes;
    boolean wide =
        Width.isAligned(m.from()) && Width.isAligned(m.to()) && fallsInto(m.loops(), piece);
    int pieces = wide ? n / piece : n;
    s.launcher.launch(
        "move_" + (wide ? PIECE : bytes),
        Grid.linear(pieces),
        m.from(),
        m.to(),
        pieces,
        Struct.of(wide ? inPieces(m.loops(), piece) : m.loops()));
  }

  private static boolean fallsInto(Loops l, int piece) {
    boolean falls = l.inner() % piece == 0 && l.innerStride(0) == 1 && l.innerStride(1) == 1;
    for (int axis = 0; axis < l.extent.length - 1; axis++) {
      falls &= l.stride[0][axis] % piece == 0 && l.stride[1][axis] % piece == 0;
    }
    return falls;
  }

  /** The loops over pieces of so many neighbours. */
  private static Loops inPieces(Loops l, int piece) {
    int inner = l.extent.length - 1;
    int[] extent = new int[inner + 1];
    long[][] stride = new long[2][inner + 1];
    for (int axis = 0; axis <= inner; axis++) {
      extent[axis] = (int) (axis == inner ? l.extent[axis] / piece : l.extent[axis]);
      for (int k = 0; k < 2; k++) {
        stride[k][axis] = axis == inner ? 1 : l.stride[k][axis] / piece;
      }
    }
    return Loops.over(extent, stride);
  }

  /** Copies so many elements. */
  static void copy(Session s, Operand x, Operand y, long n) {
    s.copy(
        ((CudaBuffer) y.buffer()).address.withByteOffset(y.offset()),
        ((CudaBuffer) x.buffer()).address.withByteOffset(x.offset()),
        n * x.dtype().bytes());
  }
}
