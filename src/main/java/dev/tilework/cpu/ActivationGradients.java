package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.GT;

import dev.tilework.kernels.Activation;
import jdk.incubator.vector.FloatVector;

/** Gradients of activation functions, from their results or arguments. */
final class ActivationGradients {
  private static final int SLOT = 7;
  private static final int CHUNK_SLOT = 6;

  private ActivationGradients() {}

  /** dx of n elements in the calling thread; dx may be one of the operands. */
  static void apply(Activation f, long dy, long saved, long dx, int n) {
    int whole = Simd.whole(n);
    vectors(f, dy, saved, dx, whole);
    if (whole < n) {
      long t = Scratch.get(SLOT, 2L * Simd.BYTES);
      int rest = 4 * (n - whole);
      Simd.zero(t, 2L * Simd.BYTES);
      Moves.copy(dy + 4L * whole, t, rest);
      Moves.copy(saved + 4L * whole, t + Simd.BYTES, rest);
      vectors(f, t, t + Simd.BYTES, t, LANES);
      Moves.copy(t, dx + 4L * whole, rest);
    }
  }

  private static void vectors(Activation f, long dy, long saved, long dx, int n) {
    switch (f.kind()) {
      case IDENTITY -> {
        if (dy != dx) {
          Moves.copy(dy, dx, 4L * n);
        }
      }
      case RELU -> leakyRelu(0, dy, saved, dx, n);
      case LEAKY_RELU -> leakyRelu(f.alpha(), dy, saved, dx, n);
      case ELU -> elu(f.alpha(), dy, saved, dx, n);
      case SIGMOID -> sigmoid(dy, saved, dx, n);
      case TANH -> tanh(dy, saved, dx, n);
      case GELU -> inTwo(true, dy, saved, dx, n);
      case SILU -> inTwo(false, dy, saved, dx, n);
    }
  }

  private static void leakyRelu(float alpha, long dy, long saved, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector g = Simd.load(dy + 4L * i);
      FloatVector s = Simd.load(saved + 4L * i);
      Simd.store(g.mul(alpha).blend(g, s.compare(GT, 0)), dx + 4L * i);
    }
  }

  private static void elu(float alpha, long dy, long saved, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector g = Simd.load(dy + 4L * i);
      FloatVector s = Simd.load(saved + 4L * i);
      // With alpha = 0 the argument is saved, and the derivative left of 0 is 0.
      FloatVector left = alpha == 0 ? g.mul(0) : g.mul(s.add(alpha));
      Simd.store(left.blend(g, s.compare(GT, 0)), dx + 4L * i);
    }
  }

  private static void sigmoid(long dy, long y, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(y + 4L * i);
      FloatVector d = v.mul(v.neg().add(1));
      Simd.store(Simd.load(dy + 4L * i).mul(d), dx + 4L * i);
    }
  }

  private static void tanh(long dy, long y, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = Simd.load(y + 4L * i);
      FloatVector d = v.add(1).mul(v.neg().add(1));
      Simd.store(Simd.load(dy + 4L * i).mul(d), dx + 4L * i);
    }
  }

  /** In two passes over each chunk; see {@link VectorMath}. */
  private static void inTwo(boolean gelu, long dy, long x, long dx, int n) {
    long t = Scratch.get(CHUNK_SLOT, 4L * Activations.CHUNK);
    for (int i = 0; i < n; i += Activations.CHUNK) {
      long at = 4L * i;
      int length = Math.min(Activations.CHUNK, n - i);
      if (gelu) {
        Activations.gauss(x + at, t, length);
        gelu(dy + at, x + at, t, dx + at, length);
      } else {
        decay(x + at, t, length);
        silu(dy + at, x + at, t, dx + at, length);
      }
    }
  }

  private static void gelu(long dy, long x, long t, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector d = VectorMath.geluDerivative(Simd.load(x + 4L * i), Simd.load(t + 4L * i));
      Simd.store(Simd.load(dy + 4L * i).mul(d), dx + 4L * i);
    }
  }

  private static void decay(long x, long t, int n) {
    for (int i = 0; i < n; i += LANES) {
      Simd.store(VectorMath.decay(Simd.load(x + 4L * i)), t + 4L * i);
    }
  }

  private static void silu(long dy, long x, long t, long dx, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector d = VectorMath.siluDerivative(Simd.load(x + 4L * i), Simd.load(t + 4L * i));
      Simd.store(Simd.load(dy + 4L * i).mul(d), dx + 4L * i);
    }
  }
}
