package dev.tilework.kernels.reference;

import dev.tilework.kernels.LossOp;
import java.util.List;

/** Losses. */
final class LossReference {
  private LossReference() {}

  static void run(LossOp op, List<HostTensor> in, List<HostTensor> out) {
    switch (op) {
      case LossOp.CrossEntropy o -> crossEntropy(o.smoothing(), in.get(0), in.get(1), out);
      case LossOp.CrossEntropyGrad o -> {
        HostTensor p = in.get(1);
        HostTensor dx = out.getFirst();
        int rows = p.shape().dim(0);
        int classes = p.shape().dim(1);
        double part = in.get(0).get(0) / rows;
        for (int i = 0; i < p.size(); i++) {
          int label = (int) in.get(2).get(i / classes);
          double t = target(o.smoothing(), classes, i % classes, label);
          dx.set(i, part * (p.get(i) - t), Math.abs(part) * (p.get(i) + t));
        }
      }
      case LossOp.MeanSquaredError o -> {
        HostTensor a = in.get(0);
        for (int i = 0; i < a.size(); i++) {
          double d = a.get(i) - in.get(1).get(i);
          out.getFirst().add(0, d * d / a.size());
        }
      }
      case LossOp.MeanSquaredErrorGrad o -> {
        HostTensor a = in.get(1);
        HostTensor b = in.get(2);
        double part = 2 * in.get(0).get(0) / a.size();
        for (int i = 0; i < a.size(); i++) {
          double d = a.get(i) - b.get(i);
          double terms = Math.abs(a.get(i)) + Math.abs(b.get(i));
          out.getFirst().set(i, part * d, Math.abs(part) * terms);
        }
      }
    }
  }

  private static double target(double smoothing, int classes, int k, int label) {
    return (k == label ? 1 - smoothing : 0) + smoothing / classes;
  }

  private static void crossEntropy(
      double smoothing, HostTensor logits, HostTensor labels, List<HostTensor> out) {
    int rows = logits.shape().dim(0);
    int classes = logits.shape().dim(1);
    HostTensor loss = out.get(0);
    HostTensor p = out.get(1);
    for (int n = 0; n < rows; n++) {
      double logSum = SoftmaxReference.logSumExp(logits, n * classes, classes);
      int label = (int) labels.get(n);
      for (int k = 0; k < classes; k++) {
        int i = n * classes + k;
        double x = logits.get(i);
        double t = target(smoothing, classes, k, label);
        double terms = Math.abs(x) + Math.abs(logSum);
        p.set(i, Math.exp(x - logSum), Math.exp(x - logSum) * (1 + terms));
        loss.add(0, t * (logSum - x) / rows);
        loss.magnitude()[0] += t * terms / rows;
      }
      if (label < 0 || label >= classes) {
        loss.set(0, Double.NaN);
      }
    }
  }
}
