package dev.tilework.cuda;

import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.plan.Count;
import java.util.List;
import java.util.stream.Stream;

/** Batch normalization; see norm.cu. */
final class Normalization {
  private static final long NULL = 0;

  private final Session s;
  private final int n;
  private final int channels;
  private final int rows;
  private final int width;
  private final int segment;
  private final int segments;
  private final Grid sums;

  private Normalization(Session s, List<Operand> out, List<Operand> in) {
    this.s = s;
    Operand x = in.getFirst();
    n = Count.of(x);
    channels = x.shape().dim(-1);
    rows = n / channels;
    width = Width.of(channels, Stream.concat(in.stream(), out.stream()).toArray());
    segment = Reductions.segment(Grid.columns(channels, width, 1, 1).x(), rows);
    segments = Math.ceilDiv(rows, segment);
    sums = Grid.columns(channels, width, segments, 1);
  }

  private Grid packs() {
    return Grid.linear(n / width);
  }

  static void run(Session s, NormOp op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case NormOp.BatchNormTraining o -> new Normalization(s, out, in).training(o, out, in);
      case NormOp.BatchNormInference o ->
          new Normalization(s, out, in).inference(o, out.getFirst(), in);
      case NormOp.BatchNormTrainingGrad o -> {
        Normalization norm = new Normalization(s, out, in);
        norm.gradient(o.relu(), out, in, Launcher.address(in.get(4)), 1f / norm.rows);
      }
      case NormOp.BatchNormInferenceGrad o -> {
        Normalization norm = new Normalization(s, out, in);
        try (Scratch inverse = new Scratch(s, norm.channels)) {
          norm.inverse(in.get(4), inverse, o.eps());
          norm.gradient(o.relu(), out, in, inverse.address().value(), 0);
        }
      }
    }
  }

  private void training(NormOp.BatchNormTraining o, List<Operand> out, List<Operand> in) {
    try (Scratch parts = new Scratch(s, 3L * segments * channels)) {
      s.launcher.launch(
          "norm_moments_" + width, sums, in.getFirst(), parts.address(), rows, channels, segment);
      s.launcher.launch(
          "norm_merge",
          Grid.joining(channels),
          parts.address(),
          segments,
          channels,
          o.eps(),
          o.momentum(),
          in.get(3),
          in.get(4),
          out.get(1),
          out.get(2));
    }
    long inverse = Launcher.address(out.get(2));
    apply(out.getFirst(), in, Launcher.address(out.get(1)), inverse, o.relu(), o.residual());
  }

  private void inference(NormOp.BatchNormInference o, Operand y, List<Operand> in) {
    try (Scratch inverse = new Scratch(s, channels)) {
      inverse(in.get(4), inverse, o.eps());
      long mean = Launcher.address(in.get(3));
      apply(y, in, mean, inverse.address().value(), o.relu(), o.residual());
    }
  }

  private void inverse(Operand variance, Scratch to, float eps) {
    s.launcher.launch("norm_inverse", Grid.linear(channels), variance, to.address(), channels, eps);
  }

  private void apply(
      Operand y, List<Operand> in, long mean, long inverse, boolean relu, boolean residual) {
    s.launcher.launch(
        "norm_apply_" + width,
        packs(),
        in.getFirst(),
        residual ? Launcher.address(in.get(5)) : NULL,
        y,
        n,
        channels,
        in.get(1),
        in.get(2),
        mean,
        inverse,
        relu ? 1 : 0);
  }

  private void gradient(
      boolean relu, List<Operand> out, List<Operand> in, long inverse, float share) {
    Operand dy = in.get(0);
    Operand x = in.get(1);
    Operand mean = in.get(3);
    long y = relu ? Launcher.address(in.get(5)) : NULL;
    try (Scratch parts = new Scratch(s, 2L * segments * channels)) {
      s.launcher.launch(
          "norm_grad_sums_" + width,
          sums,
          dy,
          x,
          y,
          parts.address(),
          rows,
          channels,
          segment,
          mean,
          inverse);
      s.launcher.launch(
          "norm_grad_join",
          Grid.joining(2 * channels),
          parts.address(),
          segments,
          channels,
          out.get(1),
          out.get(2));
    }
    s.launcher.launch(
        "norm_grad_apply_" + width,
        packs(),
        dy,
        x,
        y,
        out.get(0),
        out.size() > 3 ? Launcher.address(out.get(3)) : NULL,
        n,
        channels,
        in.get(2),
        mean,
        inverse,
        out.get(1),
        out.get(2),
        share);
  }
}
