package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.OptimizerOp;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Steps of optimizers: one pass over the parameter, its state and its gradient. */
final class Optimizers {
  private Optimizers() {}

  static void run(OptimizerOp op, List<Operand> in) {
    long w = CpuDriver.address(in.get(0));
    long first = CpuDriver.address(in.get(1));
    long n = in.get(0).elements();
    switch (op) {
      case OptimizerOp.Sgd o -> {
        long g = CpuDriver.address(in.get(2));
        Parallel.ranges(
            n,
            Parallel.GRAIN,
            (i, j) -> {
              int length = (int) (j - i);
              if (o.momentum() == 0) {
                plain(o, w + 4 * i, g + 4 * i, length);
              } else {
                momentum(o, w + 4 * i, first + 4 * i, g + 4 * i, length);
              }
            });
      }
      case OptimizerOp.Adam o -> {
        long second = CpuDriver.address(in.get(2));
        long g = CpuDriver.address(in.get(3));
        Parallel.ranges(
            n,
            Parallel.GRAIN,
            (i, j) -> adam(o, w + 4 * i, first + 4 * i, second + 4 * i, g + 4 * i, (int) (j - i)));
      }
    }
  }

  private static void plain(OptimizerOp.Sgd op, long w, long g, int n) {
    FloatVector decay = Simd.splat(op.weightDecay());
    FloatVector rate = Simd.splat(-op.rate());
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      if (i + LANES <= n) {
        FloatVector vw = Simd.load(w + at);
        FloatVector vg = decay.fma(vw, Simd.load(g + at));
        Simd.store(rate.fma(vg, vw), w + at);
      } else {
        VectorMask<Float> m = Simd.first(n - i);
        FloatVector vw = Simd.load(w + at, m);
        FloatVector vg = decay.fma(vw, Simd.load(g + at, m));
        Simd.store(rate.fma(vg, vw), w + at, m);
      }
    }
  }

  private static void momentum(OptimizerOp.Sgd op, long w, long v, long g, int n) {
    int whole = Simd.whole(n);
    momentumVectors(op, w, v, g, whole);
    for (int i = whole; i < n; i++) {
      float ow = Simd.getFloat(w + 4L * i);
      float og = Math.fma(op.weightDecay(), ow, Simd.getFloat(g + 4L * i));
      float ov = Math.fma(op.momentum(), Simd.getFloat(v + 4L * i), og);
      Simd.putFloat(v + 4L * i, ov);
      float step = op.nesterov() ? Math.fma(op.momentum(), ov, og) : ov;
      Simd.putFloat(w + 4L * i, Math.fma(-op.rate(), step, ow));
    }
  }

  private static void momentumVectors(OptimizerOp.Sgd op, long w, long v, long g, int n) {
    FloatVector decay = Simd.splat(op.weightDecay());
    FloatVector momentum = Simd.splat(op.momentum());
    FloatVector rate = Simd.splat(-op.rate());
    boolean nesterov = op.nesterov();
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      FloatVector vw = Simd.load(w + at);
      FloatVector vg = decay.fma(vw, Simd.load(g + at));
      FloatVector vv = momentum.fma(Simd.load(v + at), vg);
      Simd.store(vv, v + at);
      FloatVector step = nesterov ? momentum.fma(vv, vg) : vv;
      Simd.store(rate.fma(step, vw), w + at);
    }
  }

  private static void adam(OptimizerOp.Adam op, long w, long m, long v, long g, int n) {
    int whole = Simd.whole(n);
    adamVectors(op, w, m, v, g, whole);
    if (whole < n) {
      // The rest by way of whole vectors of scratch.
      long t = Scratch.get(7, 4L * Simd.BYTES);
      int bytes = 4 * (n - whole);
      long[] at = {w + 4L * whole, m + 4L * whole, v + 4L * whole, g + 4L * whole};
      Simd.zero(t, 4L * Simd.BYTES);
      for (int k = 0; k < 4; k++) {
        Moves.copy(at[k], t + k * Simd.BYTES, bytes);
      }
      adamVectors(op, t, t + Simd.BYTES, t + 2L * Simd.BYTES, t + 3L * Simd.BYTES, LANES);
      for (int k = 0; k < 3; k++) {
        Moves.copy(t + k * Simd.BYTES, at[k], bytes);
      }
    }
  }

  private static void adamVectors(OptimizerOp.Adam op, long w, long m, long v, long g, int n) {
    FloatVector decay = Simd.splat(op.decoupled() ? 0 : op.weightDecay());
    FloatVector keep =
        Simd.splat(op.decoupled() ? (float) (1 - (double) op.rate() * op.weightDecay()) : 1);
    FloatVector beta1 = Simd.splat(op.beta1());
    FloatVector beta2 = Simd.splat(op.beta2());
    FloatVector rest1 = Simd.splat((float) (1 - (double) op.beta1()));
    FloatVector rest2 = Simd.splat((float) (1 - (double) op.beta2()));
    double correction1 = 1 - Math.pow(op.beta1(), op.step());
    double correction2 = 1 - Math.pow(op.beta2(), op.step());
    FloatVector rate = Simd.splat((float) (-op.rate() / correction1));
    FloatVector unbias = Simd.splat((float) (1 / correction2));
    FloatVector eps = Simd.splat(op.eps());
    for (int i = 0; i < n; i += LANES) {
      long at = 4L * i;
      FloatVector vw = Simd.load(w + at);
      FloatVector vg = decay.fma(vw, Simd.load(g + at));
      FloatVector vm = beta1.fma(Simd.load(m + at), rest1.mul(vg));
      FloatVector vv = beta2.fma(Simd.load(v + at), rest2.mul(vg).mul(vg));
      Simd.store(vm, m + at);
      Simd.store(vv, v + at);
      FloatVector step = vm.div(vv.mul(unbias).sqrt().add(eps));
      Simd.store(rate.fma(step, vw.mul(keep)), w + at);
    }
  }
}
