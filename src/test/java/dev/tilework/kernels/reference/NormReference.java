package dev.tilework.kernels.reference;

import dev.tilework.kernels.NormOp;
import java.util.List;

/** Batch normalization over all axes but the last. */
final class NormReference {
  private NormReference() {}

  static void run(NormOp op, List<HostTensor> in, List<HostTensor> out) {
    int channels = in.getFirst().shape().dim(-1);
    for (int c = 0; c < channels; c++) {
      switch (op) {
        case NormOp.BatchNormTraining o -> training(o, in, out, c, channels);
        case NormOp.BatchNormInference o -> {
          double inverse = 1 / Math.sqrt(in.get(4).get(c) + o.eps());
          HostTensor residual = o.residual() ? in.get(5) : null;
          normalize(in, out.get(0), in.get(3).get(c), inverse, o.relu(), residual, c, channels);
        }
        case NormOp.BatchNormTrainingGrad o -> {
          HostTensor y = o.relu() ? in.get(5) : null;
          gradient(in, y, out, in.get(4).get(c), true, c, channels);
        }
        case NormOp.BatchNormInferenceGrad o -> {
          HostTensor y = o.relu() ? in.get(5) : null;
          double inverse = 1 / Math.sqrt(in.get(4).get(c) + o.eps());
          gradient(in, y, out, inverse, false, c, channels);
        }
      }
    }
  }

  private static void training(
      NormOp.BatchNormTraining o, List<HostTensor> in, List<HostTensor> out, int c, int channels) {
    HostTensor x = in.get(0);
    int pixels = x.size() / channels;
    double mean = 0;
    double terms = 0;
    for (int i = c; i < x.size(); i += channels) {
      mean += x.get(i) / pixels;
      terms += Math.abs(x.get(i)) / pixels;
    }
    double squares = 0;
    for (int i = c; i < x.size(); i += channels) {
      squares += (x.get(i) - mean) * (x.get(i) - mean);
    }
    double variance = squares / pixels;
    double inverse = 1 / Math.sqrt(variance + o.eps());
    normalize(
        in, out.get(0), mean, inverse, o.relu(), o.residual() ? in.get(5) : null, c, channels);
    out.get(1).set(c, mean, terms);
    // What rounding the mean does to a difference, it does to the deviation.
    out.get(2).set(c, inverse, inverse * (1 + terms * inverse));
    double momentum = o.momentum();
    update(in.get(3), c, momentum, mean, terms);
    double unbiased = squares / Math.max(pixels - 1, 1);
    update(in.get(4), c, momentum, unbiased, unbiased + terms * Math.sqrt(unbiased));
  }

  private static void update(
      HostTensor running, int c, double momentum, double batch, double terms) {
    double before = (1 - momentum) * running.get(c);
    running.set(c, before + momentum * batch, Math.abs(before) + momentum * terms);
  }

  private static void normalize(
      List<HostTensor> in,
      HostTensor y,
      double mean,
      double inverse,
      boolean relu,
      HostTensor residual,
      int c,
      int channels) {
    HostTensor x = in.get(0);
    double scale = in.get(1).get(c) * inverse;
    double beta = in.get(2).get(c);
    for (int i = c; i < x.size(); i += channels) {
      double r = residual == null ? 0 : residual.get(i);
      double v = scale * (x.get(i) - mean) + beta + r;
      double spread = Math.abs(x.get(i)) + Math.abs(mean);
      y.set(i, relu ? Math.max(v, 0) : v, Math.abs(scale) * spread + Math.abs(beta) + Math.abs(r));
    }
  }

  /** Operands dy, x, gamma, mean; the statistics depend on x where {@code training}. */
  private static void gradient(
      List<HostTensor> in,
      HostTensor y,
      List<HostTensor> out,
      double inverse,
      boolean training,
      int c,
      int channels) {
    HostTensor x = in.get(1);
    double gamma = in.get(2).get(c);
    double mean = in.get(3).get(c);
    int pixels = x.size() / channels;
    HostTensor dGamma = out.get(1);
    HostTensor dBeta = out.get(2);
    for (int i = c; i < x.size(); i += channels) {
      double dz = masked(in.get(0), y, i);
      double terms = Math.abs(dz) * (Math.abs(x.get(i)) + Math.abs(mean)) * inverse;
      dGamma.set(
          c, dGamma.get(c) + dz * (x.get(i) - mean) * inverse, dGamma.magnitude()[c] + terms);
      dBeta.add(c, dz);
    }
    for (int i = c; i < x.size(); i += channels) {
      double dz = masked(in.get(0), y, i);
      double normal = (x.get(i) - mean) * inverse;
      double normalTerms = (Math.abs(x.get(i)) + Math.abs(mean)) * inverse;
      double d = dz;
      double terms = Math.abs(dz);
      if (training) {
        d -= (dBeta.get(c) + normal * dGamma.get(c)) / pixels;
        terms += (dBeta.magnitude()[c] + normalTerms * dGamma.magnitude()[c]) / pixels;
      }
      out.get(0).set(i, gamma * inverse * d, Math.abs(gamma) * inverse * terms);
      if (out.size() > 3) {
        out.get(3).set(i, dz);
      }
    }
  }

  private static double masked(HostTensor dy, HostTensor y, int i) {
    return y != null && !(y.get(i) > 0) ? 0 : dy.get(i);
  }
}
