package dev.tilework.cuda;

import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Losses and their gradients; see loss.cu. */
final class Losses {
  private Losses() {}

  static void run(Session s, LossOp op, List<Operand> out, List<Operand> in) {
    Operand first = out.getFirst();
    switch (op) {
      case LossOp.CrossEntropy o -> crossEntropy(s, o.smoothing(), out, in);
      case LossOp.CrossEntropyGrad o -> {
        int n = Count.of(first);
        int classes = first.shape().dim(1);
        int width = Width.of(classes, in.get(1), first);
        s.launcher.launch(
            op.name() + "_" + width,
            Grid.linear(n / width),
            in.get(0),
            in.get(1),
            in.get(2),
            first,
            n,
            classes,
            first.shape().dim(0),
            o.smoothing());
      }
      case LossOp.MeanSquaredError o -> meanSquaredError(s, in.get(0), in.get(1), first);
      case LossOp.MeanSquaredErrorGrad o -> {
        int n = Count.of(first);
        s.launcher.launch(op.name(), Grid.fours(n), in.get(0), in.get(1), in.get(2), first, n);
      }
    }
  }

  private static void crossEntropy(
      Session s, float smoothing, List<Operand> out, List<Operand> in) {
    Operand x = in.getFirst();
    Count.of(x);
    int rows = x.shape().dim(0);
    int classes = x.shape().dim(1);
    try (Scratch losses = new Scratch(s, rows)) {
      s.launcher.launch(
          "cross_entropy" + Softmax.threads(classes) + "_" + Width.of(classes, x, out.get(1)),
          Softmax.grid(rows, classes),
          x,
          in.get(1),
          out.get(1),
          losses.address(),
          rows,
          classes,
          smoothing);
      long to = Launcher.address(out.getFirst());
      Reductions.rows(s, false, 1, rows, losses.address().value(), to, 1f / rows);
    }
  }

  private static void meanSquaredError(Session s, Operand a, Operand b, Operand y) {
    int n = Count.of(a);
    int segment = Reductions.ROW_SEGMENT;
    int segments = Math.ceilDiv(n, segment);
    try (Scratch parts = new Scratch(s, segments)) {
      s.launcher.launch(
          "squared_errors_" + Width.of(n, a, b),
          Grid.warps(segments),
          a,
          b,
          parts.address(),
          segments,
          n,
          segment);
      long from = parts.address().value();
      Reductions.rows(s, false, 1, segments, from, Launcher.address(y), (float) (1.0 / n));
    }
  }
}
