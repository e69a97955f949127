package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.Operand;
import java.util.List;
import jdk.incubator.vector.FloatVector;

/** Activation functions. Each has a loop of its own, so that its vectors stay in registers. */
final class Activations {
  private static final int SLOT = 7;
  private static final int CHUNK_SLOT = 6;

  /** Elements of a chunk, which stays in the first-level cache. */
  static final int CHUNK = 1024;

  private Activations() {}

  static void run(ActivationOp op, List<Operand> out, List<Operand> in) {
    long y = CpuDriver.address(out.get(0));
    long a = CpuDriver.address(in.get(0));
    long n = in.get(0).elements();
    switch (op) {
      case ActivationOp.Apply o ->
          Parallel.ranges(
              n,
              Parallel.GRAIN,
              (i, j) -> apply(o.activation(), a + 4 * i, y + 4 * i, (int) (j - i)));
      case ActivationOp.Grad o -> {
        long saved = CpuDriver.address(in.get(1));
        Parallel.ranges(
            n,
            Parallel.GRAIN,
            (i, j) ->
                ActivationGradients.apply(
                    o.activation(), a + 4 * i, saved + 4 * i, y + 4 * i, (int) (j - i)));
      }
    }
  }

  /** Applies a function to n elements in the calling thread; y may be x. */
  static void apply(Activation f, long x, long y, int n) {
    int whole = Simd.whole(n);
    vectors(f, x, y, whole);
    if (whole < n) {
      // The rest as a whole vector of scratch, so that no loop needs masks.
      long t = Scratch.get(SLOT, Simd.BYTES);
      int rest = 4 * (n - whole);
      Simd.zero(t, Simd.BYTES);
      Moves.copy(x + 4L * whole, t, rest);
      vectors(f, t, t, LANES);
      Moves.copy(t, y + 4L * whole, rest);
    }
  }

  private static void vectors(Activation f, long x, long y, int n) {
    switch (f.kind()) {
      case IDENTITY -> {
        if (x != y) {
          Moves.copy(x, y, 4L * n);
        }
      }
      case RELU -> relu(x, y, n);
      case LEAKY_RELU -> leakyRelu(f.alpha(), x, y, n);
      case ELU -> elu(f.alpha(), x, y, n);
      case SIGMOID -> sigmoid(x, y, n);
      case TANH, GELU, SILU -> inTwo(f.kind(), x, y, n);
    }
  }

  private static void relu(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      Simd.store(v.blend(0, v.compare(LE, 0)), y + 4L * i);
    }
  }

  private static void leakyRelu(float alpha, long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      Simd.store(v.mul(alpha).blend(v, v.compare(GT, 0)), y + 4L * i);
    }
  }

  private static void elu(float alpha, long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      FloatVector negative = v.blend(0, v.compare(GT, 0));
      FloatVector e = VectorMath.expm1OfNegative(negative).mul(alpha);
      Simd.store(e.blend(v, v.compare(GT, 0)), y + 4L * i);
    }
  }

  private static void sigmoid(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      Simd.store(VectorMath.sigmoid(v, VectorMath.decay(v)), y + 4L * i);
    }
  }

  /** A pass of a function that is computed in two, over a chunk. */
  private static void inTwo(Activation.Kind kind, long x, long y, int n) {
    long t = Scratch.get(CHUNK_SLOT, 4L * CHUNK);
    for (int i = 0; i < n; i += CHUNK) {
      long from = x + 4L * i;
      long to = y + 4L * i;
      int length = Math.min(CHUNK, n - i);
      switch (kind) {
        case TANH -> {
          tanhExponential(from, t, length);
          tanh(from, t, to, length);
        }
        case GELU -> {
          gauss(from, t, length);
          gelu(from, t, to, length);
        }
        default -> {
          sigmoid(from, t, length);
          silu(from, t, to, length);
        }
      }
    }
  }

  private static void tanhExponential(long x, long t, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = VectorMath.tanhArgument(Simd.load(x + 4L * i));
      Simd.store(VectorMath.expm1OfNegative(v), t + 4L * i);
    }
  }

  private static void tanh(long x, long t, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      Simd.store(VectorMath.tanh(Simd.load(x + 4L * i), Simd.load(t + 4L * i)), y + 4L * i);
    }
  }

  /** exp(-x^2 / 2), for {@link Activation.Kind#GELU} and its derivative. */
  static void gauss(long x, long t, int n) {
    for (int i = 0; i < n; i += LANES) {
      Simd.store(VectorMath.gauss(Simd.load(x + 4L * i)), t + 4L * i);
    }
  }

  private static void gelu(long x, long t, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      FloatVector cdf = VectorMath.normalCdf(v, Simd.load(t + 4L * i));
      Simd.store(VectorMath.timesVanishing(v, cdf), y + 4L * i);
    }
  }

  private static void silu(long x, long t, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector s = Simd.load(t + 4L * i);
      Simd.store(VectorMath.timesVanishing(Simd.load(x + 4L * i), s), y + 4L * i);
    }
  }
}
