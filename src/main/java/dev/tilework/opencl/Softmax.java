package dev.tilework.opencl;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.SoftmaxOp;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Softmax over rows; see softmax.cl. */
final class Softmax {
  private Softmax() {}

  static void run(Session s, SoftmaxOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    int n = y.shape().dim(-1);
    int rows = Count.of(y) / n;
    switch (op) {
      case SoftmaxOp.Softmax o -> Rows.launch(s, op.name(), rows, n, 1, in.get(0), y, n);
      case SoftmaxOp.Grad o -> Rows.launch(s, op.name(), rows, n, 1, in.get(0), in.get(1), y, n);
    }
  }
}
