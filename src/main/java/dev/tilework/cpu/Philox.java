package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.I;
import static dev.tilework.cpu.Simd.LANES;
import static dev.tilework.cpu.Simd.S;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.RandomOp;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** Random numbers; {@link RandomOp} says which. */
final class Philox {
  private static final float UNIT = 0x1p-24f;

  /** Blocks of four words made at a time; their words fit into the first-level cache. */
  static final int BLOCKS = 256;

  private Philox() {}

  static void run(RandomOp op, List<Operand> out, List<Operand> in) {
    long y = CpuDriver.address(out.get(0));
    long n = out.get(0).elements();
    switch (op) {
      case RandomOp.Uniform o ->
          Parallel.ranges(n, Parallel.GRAIN, (from, to) -> uniform(o, y, from, to));
      case RandomOp.Normal o ->
          Parallel.ranges(
              n,
              Parallel.GRAIN,
              (from, to) -> {
                NormalNumbers z = new NormalNumbers(o.seed(), o.stream());
                for (long i = from; i < to; i += 4L * BLOCKS) {
                  int length = (int) Math.min(4L * BLOCKS, to - i);
                  z.fill(i, length);
                  scale(z.values, o.deviation(), o.mean(), y + 4 * i, length);
                }
              });
      case RandomOp.Dropout o -> {
        long x = CpuDriver.address(in.get(0));
        Parallel.ranges(n, Parallel.GRAIN, (from, to) -> dropout(o, x, y, from, to));
      }
    }
  }

  private static void uniform(RandomOp.Uniform op, long y, long from, long to) {
    float range = op.high() - op.low();
    // The product may round up to the bound, which is not part of the range.
    float last = range > 0 ? Math.nextDown(op.high()) : op.high();
    int[] words = new int[4 * BLOCKS];
    float[] u = new float[4 * BLOCKS];
    for (long i = from; i < to; i += words.length) {
      int n = (int) Math.min(words.length, to - i);
      words(op.seed(), op.stream(), i / 4, words, (n + 3) / 4);
      for (int j = 0; j < n; j += LANES) {
        FloatVector v = uniform(IntVector.fromArray(I, words, j));
        v = v.fma(Simd.splat(range), Simd.splat(op.low()));
        v.blend(last, v.compare(VectorOperators.GT, last)).intoArray(u, j);
      }
      store(u, y + 4 * i, n);
    }
  }

  private static void dropout(RandomOp.Dropout op, long x, long y, long from, long to) {
    float scale = (float) (1 / (1 - (double) op.p()));
    int[] words = new int[4 * BLOCKS];
    for (long i = from; i < to; i += words.length) {
      int n = (int) Math.min(words.length, to - i);
      words(op.seed(), op.stream(), i / 4, words, (n + 3) / 4);
      int whole = Simd.whole(n);
      for (int j = 0; j < whole; j += LANES) {
        long at = 4 * (i + j);
        FloatVector u = uniform(IntVector.fromArray(I, words, j));
        FloatVector v = Simd.load(x + at).mul(scale);
        Simd.store(v.blend(0, u.compare(VectorOperators.LT, op.p())), y + at);
      }
      for (int j = whole; j < n; j++) {
        float u = ((words[j] >>> 8) + 0.5f) * UNIT;
        float v = Simd.getFloat(x + 4 * (i + j)) * scale;
        Simd.putFloat(y + 4 * (i + j), u < op.p() ? 0 : v);
      }
    }
  }

  private static FloatVector uniform(IntVector words) {
    IntVector high = words.lanewise(VectorOperators.LSHR, 8);
    return ((FloatVector) high.convertShape(VectorOperators.I2F, S, 0)).add(0.5f).mul(UNIT);
  }

  private static void scale(float[] z, float scale, float shift, long y, int n) {
    int whole = Simd.whole(n);
    for (int j = 0; j < whole; j += LANES) {
      FloatVector v = FloatVector.fromArray(S, z, j);
      Simd.store(v.fma(Simd.splat(scale), Simd.splat(shift)), y + 4L * j);
    }
    for (int j = whole; j < n; j++) {
      Simd.putFloat(y + 4L * j, Math.fma(z[j], scale, shift));
    }
  }

  private static void store(float[] u, long y, int n) {
    int whole = Simd.whole(n);
    for (int j = 0; j < whole; j += LANES) {
      Simd.store(FloatVector.fromArray(S, u, j), y + 4L * j);
    }
    for (int j = whole; j < n; j++) {
      Simd.putFloat(y + 4L * j, u[j]);
    }
  }

  /** The words of blocks from a number on. */
  static void words(long seed, long stream, long block, int[] words, int blocks) {
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    for (int i = 0; i < blocks; i++) {
      long b = block + i;
      block((int) b, (int) (b >>> 32), c2, c3, (int) seed, (int) (seed >>> 32), words, 4 * i);
    }
  }

  /** Ten rounds of the block function on a counter with a key. */
  static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] words, int at) {
    for (int round = 0; round < 10; round++) {
      long p0 = 0xD2511F53L * (c0 & 0xFFFFFFFFL);
      long p1 = 0xCD9E8D57L * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    words[at] = c0;
    words[at + 1] = c1;
    words[at + 2] = c2;
    words[at + 3] = c3;
  }
}
