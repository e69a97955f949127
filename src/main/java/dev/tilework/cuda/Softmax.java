package dev.tilework.cuda;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.SoftmaxOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;
import java.util.stream.Stream;

/** Softmax over rows; see softmax.cu. */
final class Softmax {
  private static final int LONG = 1024;

  private Softmax() {}

  static void run(Session s, SoftmaxOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = y.shape().dim(-1);
    int rows = Count.of(y) / n;
    Object[] places = Stream.concat(in.stream(), out.stream()).toArray();
    String kernel = op.name() + threads(n) + "_" + Width.of(n, places);
    switch (op) {
      case SoftmaxOp.Softmax o -> s.launcher.launch(kernel, grid(rows, n), in.get(0), y, rows, n);
      case SoftmaxOp.Grad o ->
          s.launcher.launch(kernel, grid(rows, n), in.get(0), in.get(1), y, rows, n);
    }
  }

  /** The part of a kernel's name that says how many threads take a row. */
  static String threads(int length) {
    return length > LONG ? "_256" : "_32";
  }

  static Grid grid(int rows, int length) {
    return length > LONG ? Grid.blocks(256, rows, 1, 1) : Grid.warps(rows);
  }
}
