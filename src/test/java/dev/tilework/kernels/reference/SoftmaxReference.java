package dev.tilework.kernels.reference;

import dev.tilework.kernels.SoftmaxOp;
import java.util.List;

/** Softmax over the last axis. */
final class SoftmaxReference {
  private SoftmaxReference() {}

  static void run(SoftmaxOp op, List<HostTensor> in, HostTensor out) {
    int length = out.shape().dim(-1);
    for (int row = 0; row < out.size(); row += length) {
      switch (op) {
        case SoftmaxOp.Softmax o -> forward(o.log(), in.get(0), out, row, length);
        case SoftmaxOp.Grad o -> gradient(o.log(), in.get(0), in.get(1), out, row, length);
      }
    }
  }

  private static void forward(boolean log, HostTensor x, HostTensor y, int row, int length) {
    double logSum = logSumExp(x, row, length);
    for (int i = row; i < row + length; i++) {
      double v = x.get(i) - logSum;
      double terms = Math.abs(x.get(i)) + Math.abs(logSum);
      if (log) {
        y.set(i, v, terms);
      } else {
        // The exponential turns the argument's absolute error into a relative one.
        y.set(i, Math.exp(v), Math.exp(v) * (1 + terms));
      }
    }
  }

  /** log(sum(exp(x))) over a row. */
  static double logSumExp(HostTensor x, int row, int length) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = row; i < row + length; i++) {
      max = Math.max(max, x.get(i));
    }
    double sum = 0;
    for (int i = row; i < row + length; i++) {
      sum += Math.exp(x.get(i) - max);
    }
    return max + Math.log(sum);
  }

  private static void gradient(
      boolean log, HostTensor dy, HostTensor y, HostTensor dx, int row, int length) {
    double sum = 0;
    double terms = 0;
    for (int i = row; i < row + length; i++) {
      double t = log ? dy.get(i) : dy.get(i) * y.get(i);
      sum += t;
      terms += Math.abs(t);
    }
    for (int i = row; i < row + length; i++) {
      if (log) {
        double p = Math.exp(y.get(i));
        dx.set(i, dy.get(i) - p * sum, Math.abs(dy.get(i)) + p * terms * (1 + Math.abs(y.get(i))));
      } else {
        double p = y.get(i);
        dx.set(i, p * (dy.get(i) - sum), Math.abs(p) * (Math.abs(dy.get(i)) + terms));
      }
    }
  }
}
