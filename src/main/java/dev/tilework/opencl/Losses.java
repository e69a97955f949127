package dev.tilework.opencl;

import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Losses and their gradients; see loss.cl. */
final class Losses {
  private Losses() {}

  static void run(Session s, LossOp op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case LossOp.CrossEntropy o -> crossEntropy(s, o.smoothing(), out, in);
      case LossOp.CrossEntropyGrad o -> {
        Operand dx = out.getFirst();
        Count.of(dx);
        int rows = dx.shape().dim(0);
        int classes = dx.shape().dim(1);
        int vector = s.tuning.get(Parameter.ELEMENT_VECTOR);
        Divisor vectors = new Divisor((classes + vector - 1) / vector);
        s.launcher.launch(
            op.name(),
            Grid.linear(s, (long) rows * vectors.by()),
            in.get(0),
            in.get(1),
            in.get(2),
            dx,
            rows,
            classes,
            vectors,
            o.smoothing());
      }
      case LossOp.MeanSquaredError o -> meanSquaredError(s, in.get(0), in.get(1), out.getFirst());
      case LossOp.MeanSquaredErrorGrad o -> {
        int n = Count.of(out.getFirst());
        s.launcher.launch(
            op.name(), Grid.elements(s, n), in.get(0), in.get(1), in.get(2), out.getFirst(), n);
      }
    }
  }

  private static void crossEntropy(
      Session s, float smoothing, List<Operand> out, List<Operand> in) {
    Operand x = in.getFirst();
    Count.of(x);
    int rows = x.shape().dim(0);
    int classes = x.shape().dim(1);
    try (Scratch losses = Scratch.floats(s, rows)) {
      Object[] arguments = {x, in.get(1), out.get(1), losses.view, classes, smoothing};
      Rows.launch(s, "cross_entropy", rows, classes, 1, arguments);
      Reductions.rows(s, false, 1f / rows, 1, rows, losses.view, out.getFirst());
    }
  }

  private static void meanSquaredError(Session s, Operand a, Operand b, Operand y) {
    int n = Count.of(a);
    int segment = Math.min(n, Reductions.rowSegment(s, n));
    int segments = (n + segment - 1) / segment;
    try (Scratch parts = Scratch.floats(s, segments)) {
      Rows.launch(s, "squared_errors", segments, segment, 1, a, b, parts.view, n, segment);
      Reductions.rows(s, false, (float) (1.0 / n), 1, segments, parts.view, y);
    }
  }
}
