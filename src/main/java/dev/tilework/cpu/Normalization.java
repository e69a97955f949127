package dev.tilework.cpu;

import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Operand;
import java.util.List;

/** Batch normalization over row-major data, a row per pixel and a column per channel. */
final class Normalization {
  private Normalization() {}

  static void run(NormOp op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case NormOp.BatchNormTraining o -> training(o, out, in);
      case NormOp.BatchNormInference o -> {
        float[] mean = values(in.get(3));
        float[] inverse = inverseDeviation(values(in.get(4)), o.eps());
        long residual = o.residual() ? CpuDriver.address(in.get(5)) : 0;
        apply(in, mean, inverse, o.relu(), residual, out.get(0));
      }
      case NormOp.BatchNormTrainingGrad o ->
          gradient(true, o.relu(), o.residual(), values(in.get(3)), values(in.get(4)), out, in);
      case NormOp.BatchNormInferenceGrad o ->
          gradient(
              false,
              o.relu(),
              o.residual(),
              values(in.get(3)),
              inverseDeviation(values(in.get(4)), o.eps()),
              out,
              in);
    }
  }

  private static float[] values(Operand o) {
    float[] v = new float[(int) o.elements()];
    long address = CpuDriver.address(o);
    for (int i = 0; i < v.length; i++) {
      v[i] = Simd.getFloat(address + 4L * i);
    }
    return v;
  }

  private static void store(float[] v, Operand o) {
    long address = CpuDriver.address(o);
    for (int i = 0; i < v.length; i++) {
      Simd.putFloat(address + 4L * i, v[i]);
    }
  }

  private static float[] inverseDeviation(float[] variance, float eps) {
    float[] v = new float[variance.length];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) (1 / Math.sqrt((double) variance[i] + eps));
    }
    return v;
  }

  private static void training(NormOp.BatchNormTraining op, List<Operand> out, List<Operand> in) {
    int c = in.get(0).shape().dim(-1);
    long pixels = in.get(0).elements() / c;
    Moments moments = Moments.of(CpuDriver.address(in.get(0)), new Period(c, pixels * c));
    float[] mean = new float[c];
    float[] inverse = new float[c];
    long runningMean = CpuDriver.address(in.get(3));
    long runningVariance = CpuDriver.address(in.get(4));
    for (int i = 0; i < c; i++) {
      double variance = moments.squares[i] / pixels;
      mean[i] = (float) moments.mean[i];
      inverse[i] = (float) (1 / Math.sqrt(variance + op.eps()));
      double unbiased = moments.squares[i] / Math.max(1, pixels - 1);
      update(runningMean + 4L * i, moments.mean[i], op.momentum());
      update(runningVariance + 4L * i, unbiased, op.momentum());
    }
    long residual = op.residual() ? CpuDriver.address(in.get(5)) : 0;
    apply(in, mean, inverse, op.relu(), residual, out.get(0));
    store(mean, out.get(1));
    store(inverse, out.get(2));
  }

  private static void update(long running, double batch, double momentum) {
    Simd.putFloat(running, (float) ((1 - momentum) * Simd.getFloat(running) + momentum * batch));
  }

  private static void apply(
      List<Operand> in, float[] mean, float[] inverse, boolean relu, long residual, Operand out) {
    float[] scale = values(in.get(1));
    for (int i = 0; i < scale.length; i++) {
      scale[i] *= inverse[i];
    }
    Period p = new Period(scale.length, out.elements());
    long x = CpuDriver.address(in.get(0));
    long y = CpuDriver.address(out);
    long table = Scratch.get(0, 3 * NormRows.pitch(p));
    p.repeat(mean, table);
    p.repeat(scale, table + NormRows.pitch(p));
    p.repeat(values(in.get(2)), table + 2 * NormRows.pitch(p));
    p.tasks(
        (first, n) -> {
          for (long i = first; i < first + n; i += p.width) {
            int length = (int) Math.min(p.width, first + n - i);
            long r = residual == 0 ? 0 : residual + 4 * i;
            NormRows.forward(x + 4 * i, table, NormRows.pitch(p), r, relu, y + 4 * i, length);
          }
        });
  }

  private static void gradient(
      boolean training,
      boolean relu,
      boolean residual,
      float[] mean,
      float[] inverse,
      List<Operand> out,
      List<Operand> in) {
    int c = mean.length;
    long dy = CpuDriver.address(in.get(0));
    long x = CpuDriver.address(in.get(1));
    long y = relu ? CpuDriver.address(in.get(5)) : 0;
    float[] gamma = values(in.get(2));
    Period p = new Period(c, out.get(0).elements());
    double pixels = p.elements / c;
    NormSums sums = NormSums.of(dy, x, y, mean, p);
    float[] dgamma = new float[c];
    float[] dbeta = new float[c];
    float[] onGradient = new float[c];
    float[] constant = new float[c];
    float[] onDeviation = new float[c];
    for (int i = 0; i < c; i++) {
      dgamma[i] = (float) (sums.products[i] * inverse[i]);
      dbeta[i] = (float) sums.plain[i];
      // dx = gamma / deviation (dz - mean of dz - normalized x times the mean of dz times it)
      double scale = (double) gamma[i] * inverse[i];
      onGradient[i] = (float) scale;
      if (training) {
        constant[i] = (float) (-scale * sums.plain[i] / pixels);
        double inverseVariance = (double) inverse[i] * inverse[i];
        onDeviation[i] = (float) (-scale * inverseVariance * sums.products[i] / pixels);
      }
    }
    store(dgamma, out.get(1));
    store(dbeta, out.get(2));
    long dx = CpuDriver.address(out.get(0));
    long dr = residual ? CpuDriver.address(out.get(3)) : 0;
    long pitch = NormRows.pitch(p);
    long table = Scratch.get(0, 4 * pitch);
    p.repeat(mean, table);
    p.repeat(onGradient, table + pitch);
    p.repeat(constant, table + 2 * pitch);
    p.repeat(onDeviation, table + 3 * pitch);
    p.tasks(
        (first, n) -> {
          for (long i = first; i < first + n; i += p.width) {
            long at = 4 * i;
            int length = (int) Math.min(p.width, first + n - i);
            long mask = relu ? y + at : 0;
            long r = residual ? dr + at : 0;
            if (training) {
              NormRows.backward(dy + at, x + at, mask, table, pitch, dx + at, r, length);
            } else {
              NormRows.scale(dy + at, mask, table + pitch, dx + at, r, length);
            }
          }
        });
  }
}
