package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.Operand;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Arithmetic on each element. */
final class Elementwise {
  private Elementwise() {}

  static void run(ElementwiseOp op, List<Operand> out, List<Operand> in) {
    switch (op) {
      case ElementwiseOp.Binary o ->
          Broadcasting.binary(o.kind(), out.get(0), in.get(0), in.get(1));
      case ElementwiseOp.Affine o -> affine(o, out.get(0), in.get(0));
      case ElementwiseOp.Cast o -> Casts.run(out.get(0), in.get(0));
    }
  }

  private static void affine(ElementwiseOp.Affine op, Operand out, Operand in) {
    long x = CpuDriver.address(in);
    long y = CpuDriver.address(out);
    Parallel.ranges(
        in.elements(),
        Parallel.GRAIN,
        (from, to) ->
            affine(op.scale(), op.shift(), x + 4 * from, y + 4 * from, (int) (to - from)));
  }

  private static void affine(float scale, float shift, long x, long y, int n) {
    FloatVector a = Simd.splat(scale);
    FloatVector b = Simd.splat(shift);
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      Simd.store(Simd.load(x + 4L * i).fma(a, b), y + 4L * i);
    }
    if (whole < n) {
      VectorMask<Float> m = Simd.first(n - whole);
      Simd.store(Simd.load(x + 4L * whole, m).fma(a, b), y + 4L * whole, m);
    }
  }
}
