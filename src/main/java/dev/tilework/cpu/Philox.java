package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.I;
import static dev.tilework.cpu.Simd.LANES;
import static dev.tilework.cpu.Simd.S;

import dev.tilework.kernels.Operand;
import dev.tilework.kernels.Philox4x32;
import dev.tilework.kernels.RandomOp;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Random numbers; {@link RandomOp} says which. */
final class Philox {
  private static final float UNIT = 0x1p-24f;

  /** Blocks of four words made at a time; their words fit into the first-level cache. */
  static final int BLOCKS = 256;

  private static final VectorSpecies<Long> L = S.withLanes(long.class);
  private static final int BLOCK_LANES = L.length();

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
    int whole = blocks & -BLOCK_LANES;
    for (int i = 0; i < whole; i += BLOCK_LANES) {
      vector(seed, stream, block + i, words, 4 * i);
    }
    int c2 = (int) stream;
    int c3 = (int) (stream >>> 32);
    for (int i = whole; i < blocks; i++) {
      long b = block + i;
      Philox4x32.block(
          (int) b, (int) (b >>> 32), c2, c3, (int) seed, (int) (seed >>> 32), words, 4 * i);
    }
  }

  /** As many blocks as a vector has lanes of 64 bits: each lane holds a word in its lower half. */
  private static void vector(long seed, long stream, long block, int[] words, int at) {
    LongVector mask = LongVector.broadcast(L, 0xFFFFFFFFL);
    // Masked, constants too, so that the compiler sees products of 32-bit numbers.
    LongVector m0 = LongVector.broadcast(L, 0xD2511F53L).and(mask);
    LongVector m1 = LongVector.broadcast(L, 0xCD9E8D57L).and(mask);
    LongVector number = LongVector.broadcast(L, block).addIndex(1);
    LongVector c0 = number.and(mask);
    LongVector c1 = number.lanewise(VectorOperators.LSHR, 32);
    LongVector c2 = LongVector.broadcast(L, stream & 0xFFFFFFFFL).and(mask);
    LongVector c3 = LongVector.broadcast(L, stream >>> 32);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < 10; round++) {
      LongVector p0 = m0.mul(c0);
      LongVector p1 = m1.mul(c2);
      c0 = p1.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c1);
      c0 = c0.lanewise(VectorOperators.XOR, k0 & 0xFFFFFFFFL).and(mask);
      c1 = p1.and(mask);
      c2 = p0.lanewise(VectorOperators.LSHR, 32).lanewise(VectorOperators.XOR, c3);
      c2 = c2.lanewise(VectorOperators.XOR, k1 & 0xFFFFFFFFL).and(mask);
      c3 = p0.and(mask);
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    long[] low = new long[BLOCK_LANES];
    long[] high = new long[BLOCK_LANES];
    c0.or(c1.lanewise(VectorOperators.LSHL, 32)).intoArray(low, 0);
    c2.or(c3.lanewise(VectorOperators.LSHL, 32)).intoArray(high, 0);
    for (int i = 0; i < BLOCK_LANES; i++) {
      words[at + 4 * i] = (int) low[i];
      words[at + 4 * i + 1] = (int) (low[i] >>> 32);
      words[at + 4 * i + 2] = (int) high[i];
      words[at + 4 * i + 3] = (int) (high[i] >>> 32);
    }
  }
}
