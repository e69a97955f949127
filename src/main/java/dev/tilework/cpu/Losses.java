package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.kernels.LossOp;
import dev.tilework.kernels.Operand;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Losses and their gradients. */
final class Losses {
  private Losses() {}

  static void run(LossOp op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case LossOp.CrossEntropy o -> crossEntropy(o.smoothing(), out, in);
      case LossOp.CrossEntropyGrad o -> crossEntropyGradient(o.smoothing(), out.get(0), in);
      case LossOp.MeanSquaredError o -> meanSquaredError(out.get(0), in.get(0), in.get(1));
      case LossOp.MeanSquaredErrorGrad o -> meanSquaredErrorGradient(out.get(0), in);
    }
  }

  private static void crossEntropy(double smoothing, List<Operand> out, List<Operand> in) {
    int n = in.get(0).shape().dim(0);
    int classes = in.get(0).shape().dim(1);
    long logits = CpuDriver.address(in.get(0));
    long labels = CpuDriver.address(in.get(1));
    long probabilities = CpuDriver.address(out.get(1));
    double[] losses = new double[n];
    Parallel.rows(
        n,
        classes,
        (from, to) -> {
          for (int r = (int) from; r < to; r++) {
            long x = logits + 4L * r * classes;
            float max = RowMath.max(x, classes);
            double sum = Softmax.softmax(x, max, probabilities + 4L * r * classes, classes);
            double logSum = max + Math.log(sum);
            int label = Simd.getInt(labels + 4L * r);
            if (label < 0 || label >= classes) {
              losses[r] = Double.NaN;
              continue;
            }
            losses[r] = (1 - smoothing) * (logSum - Simd.getFloat(x + 4L * label));
            if (smoothing > 0) {
              losses[r] += smoothing * (logSum - RowMath.sum(x, classes) / classes);
            }
          }
        });
    double total = 0;
    for (double loss : losses) {
      total += loss;
    }
    Simd.putFloat(CpuDriver.address(out.get(0)), (float) (total / n));
  }

  private static void crossEntropyGradient(double smoothing, Operand out, List<Operand> in) {
    int n = out.shape().dim(0);
    int classes = out.shape().dim(1);
    double scale = Simd.getFloat(CpuDriver.address(in.get(0))) / (double) n;
    long probabilities = CpuDriver.address(in.get(1));
    long labels = CpuDriver.address(in.get(2));
    long dx = CpuDriver.address(out);
    double other = smoothing / classes;
    Parallel.rows(
        n,
        classes,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            long p = probabilities + 4 * r * classes;
            long y = dx + 4 * r * classes;
            int label = Simd.getInt(labels + 4 * r);
            affine(p, (float) scale, (float) (-scale * other), y, classes);
            if (label >= 0 && label < classes) {
              double target = 1 - smoothing + other;
              double d = scale * (Simd.getFloat(p + 4L * label) - target);
              Simd.putFloat(y + 4L * label, (float) d);
            }
          }
        });
  }

  private static void affine(long x, float scale, float shift, long y, int n) {
    FloatVector a = Simd.splat(scale);
    FloatVector b = Simd.splat(shift);
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> m = Simd.first(n - i);
      Simd.store(Simd.load(x + 4L * i, m).fma(a, b), y + 4L * i, m);
    }
  }

  private static void meanSquaredError(Operand out, Operand a, Operand b) {
    long pa = CpuDriver.address(a);
    long pb = CpuDriver.address(b);
    double sum =
        RowMath.parallelSum(
            a.elements(), (i, j) -> RowMath.squaredDistance(pa + 4 * i, pb + 4 * i, j - i));
    Simd.putFloat(CpuDriver.address(out), (float) (sum / a.elements()));
  }

  private static void meanSquaredErrorGradient(Operand out, List<Operand> in) {
    double dloss = Simd.getFloat(CpuDriver.address(in.get(0)));
    long a = CpuDriver.address(in.get(1));
    long b = CpuDriver.address(in.get(2));
    long da = CpuDriver.address(out);
    float scale = (float) (2 * dloss / out.elements());
    Parallel.ranges(
        out.elements(),
        Parallel.GRAIN,
        (i, j) -> difference(a + 4 * i, b + 4 * i, scale, da + 4 * i, (int) (j - i)));
  }

  private static void difference(long a, long b, float scale, long y, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(Simd.load(a + 4L * i).sub(Simd.load(b + 4L * i)).mul(scale), y + 4L * i);
    }
    for (int i = whole; i < n; i++) {
      float d = Simd.getFloat(a + 4L * i) - Simd.getFloat(b + 4L * i);
      Simd.putFloat(y + 4L * i, d * scale);
    }
  }
}
