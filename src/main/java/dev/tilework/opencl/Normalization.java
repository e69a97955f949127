package dev.tilework.opencl;

import dev.tilework.Shape;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Batch normalization; see norm.cl and norm_grad.cl. */
final class Normalization {
  private final Session session;
  private final int channels;
  private final Columns cut;

  private Normalization(Session session, Operand x) {
    this.session = session;
    Shape shape = x.shape();
    channels = shape.dim(-1);
    cut = new Columns(session, 1, Count.of(x) / channels, channels);
  }

  static void run(Session s, NormOp op, List<Operand> out, List<Operand> in) {
    Normalization n = new Normalization(s, in.getFirst());
    switch (op) {
      case NormOp.BatchNormTraining o -> {
        n.statistics(o, out, in);
        Given deviation = new Given(out.get(2), false, 0);
        n.forward(in, out.get(1), deviation, o.relu(), o.residual(), out.getFirst());
      }
      case NormOp.BatchNormInference o -> {
        Given deviation = new Given(in.get(4), true, o.eps());
        n.forward(in, in.get(3), deviation, o.relu(), o.residual(), out.getFirst());
      }
      case NormOp.BatchNormTrainingGrad o ->
          n.gradient(new Given(in.get(4), false, 0), o.relu(), o.residual(), true, out, in);
      case NormOp.BatchNormInferenceGrad o ->
          n.gradient(new Given(in.get(4), true, o.eps()), o.relu(), o.residual(), false, out, in);
    }
  }

  /** The variance, or 1 / sqrt(variance + eps). */
  private record Given(Operand values, boolean variance, float eps) {}

  private static int flag(boolean b) {
    return b ? 1 : 0;
  }

  private void statistics(NormOp.BatchNormTraining op, List<Operand> out, List<Operand> in) {
    long size = (long) cut.parts() * channels;
    try (Scratch means = Scratch.floats(session, size);
        Scratch squares = Scratch.floats(session, size)) {
      cut.launch("norm_moments", new Object[] {in.getFirst(), means.view, squares.view});
      finish(
          "norm_statistics",
          means.view,
          squares.view,
          in.getFirst(),
          in.get(3),
          in.get(4),
          out.get(1),
          out.get(2),
          cut.n,
          cut.width,
          cut.segment,
          channels,
          op.eps(),
          op.momentum());
    }
  }

  /** Combines the parts' results, a vector of channels at a time. */
  private void finish(String kernel, Object... arguments) {
    int vector = session.tuning.get(Parameter.ELEMENT_VECTOR);
    int vectors = (channels + vector - 1) / vector;
    Rows.launch(session, kernel, vectors, cut.parts(), vector, arguments);
  }

  private void forward(
      List<Operand> in, Operand mean, Given deviation, boolean relu, boolean residual, Operand y) {
    Operand added = residual ? in.get(5) : in.get(0);
    cut.launch(
        "norm_forward",
        new Object[] {in.get(0), in.get(1), in.get(2), mean, deviation.values, added, y},
        channels,
        flag(deviation.variance),
        deviation.eps,
        flag(relu),
        flag(residual));
  }

  private void gradient(
      Given deviation,
      boolean relu,
      boolean residual,
      boolean training,
      List<Operand> out,
      List<Operand> in) {
    Operand dy = in.get(0);
    Operand x = in.get(1);
    Operand mean = in.get(3);
    Operand y = relu ? in.get(5) : x;
    long size = (long) cut.parts() * channels;
    try (Scratch sums = Scratch.floats(session, size);
        Scratch products = Scratch.floats(session, size)) {
      Object[] memory = {dy, x, y, mean, sums.view, products.view};
      cut.launch("norm_grad_sums", memory, channels, flag(relu));
      finish(
          "norm_grad_finish",
          sums.view,
          products.view,
          deviation.values,
          out.get(1),
          out.get(2),
          cut.parts(),
          channels,
          flag(deviation.variance),
          deviation.eps);
    }
    Operand dgamma = out.get(1);
    Operand dbeta = out.get(2);
    Operand dx = out.get(0);
    Operand dresidual = residual ? out.get(3) : dx;
    cut.launch(
        "norm_backward",
        new Object[] {dy, x, y, in.get(2), mean, deviation.values, dgamma, dbeta, dx, dresidual},
        channels,
        flag(deviation.variance),
        deviation.eps,
        flag(relu),
        flag(residual),
        flag(training));
  }
}
