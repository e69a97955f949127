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
      case TANH -> tanh(x, y, n);
      case GELU -> gelu(x, y, n);
      case SILU -> silu(x, y, n);
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
      Simd.store(VectorMath.sigmoid(Simd.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void tanh(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      Simd.store(VectorMath.tanh(Simd.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void gelu(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      Simd.store(VectorMath.gelu(Simd.load(x + 4L * i)), y + 4L * i);
    }
  }

  private static void silu(long x, long y, int n) {
    for (int i = 0; i < n; i += LANES) {
      Simd.store(VectorMath.silu(Simd.load(x + 4L * i)), y + 4L * i);
    }
  }
}
