package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.I;
import static dev.tilework.cpu.Simd.LANES;
import static dev.tilework.cpu.Simd.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Standard normal numbers by Box and Muller, for one thread. */
final class NormalNumbers {
  private static final int MOST = 4 * Philox.BLOCKS;
  private static final float SQRT_HALF = 0.70710678f;

  /** 2 pi in units of 2^-24 turns. */
  private static final float ANGLE = (float) (2 * Math.PI * 0x1p-24);

  private final long seed;
  private final long stream;
  private final int[] words = new int[MOST];
  private final int[] even = new int[MOST / 2];
  private final int[] odd = new int[MOST / 2];
  private final float[] radii = new float[MOST / 2];
  private final float[] cosines = new float[MOST / 2];
  private final float[] sines = new float[MOST / 2];

  /** The numbers that {@link #fill} made. */
  final float[] values = new float[MOST];

  NormalNumbers(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /**
   * Makes the numbers of elements from {@code first} on, which must be a multiple of 4; at most
   * four times {@link Philox#BLOCKS}.
   */
  void fill(long first, int n) {
    fillBlocks(first / 4, n);
  }

  /** Makes n numbers from the beginning of a block on; at most as many as {@link #fill}. */
  void fillBlocks(long first, int n) {
    int blocks = (n + 3) / 4;
    Philox.words(seed, stream, first, words, blocks);
    for (int i = 0; i < 2 * blocks; i++) {
      even[i] = words[2 * i];
      odd[i] = words[2 * i + 1];
    }
    radii(2 * blocks);
    pairs(2 * blocks);
    for (int i = 0; i < 2 * blocks; i++) {
      values[2 * i] = cosines[i];
      values[2 * i + 1] = sines[i];
    }
  }

  private void radii(int n) {
    for (int i = 0; i < n; i += LANES) {
      IntVector u = IntVector.fromArray(I, even, i).lanewise(VectorOperators.LSHR, 8);
      radius(u).intoArray(radii, i);
    }
  }

  private void pairs(int n) {
    for (int i = 0; i < n; i += LANES) {
      IntVector u = IntVector.fromArray(I, odd, i).lanewise(VectorOperators.LSHR, 8);
      pairs(FloatVector.fromArray(S, radii, i), u, i);
    }
  }

  /** sqrt(-2 ln u) for u = (k + 0.5) 2^-24. */
  private static FloatVector radius(IntVector k) {
    FloatVector v = toFloat(k).add(0.5f);
    IntVector bits = v.reinterpretAsInts();
    // v = m 2^e with m in [1, 2), then in [sqrt(1/2), sqrt(2)].
    FloatVector m = bits.and(0x007FFFFF).or(0x3F000000).reinterpretAsFloats();
    FloatVector e = toFloat(bits.lanewise(VectorOperators.LSHR, 23).sub(126));
    VectorMask<Float> low = m.compare(VectorOperators.LT, SQRT_HALF);
    m = m.blend(m.add(m), low);
    e = e.blend(e.sub(1), low).sub(24);
    FloatVector r = m.sub(1);
    // Near 1 the half does not fit into u, but 1 - u is exact.
    FloatVector rest = toFloat(IntVector.broadcast(I, 0xFFFFFF).sub(k)).add(0.5f).mul(-0x1p-24f);
    VectorMask<Float> near = rest.compare(VectorOperators.GT, SQRT_HALF - 1);
    r = r.blend(rest, near);
    e = e.blend(0, near);
    return VectorMath.log(r, e).mul(-2).sqrt();
  }

  /** The radius for one word's upper 24 bits. */
  static float radius(int k) {
    return radius(IntVector.broadcast(I, k)).lane(0);
  }

  private void pairs(FloatVector radius, IntVector k, int at) {
    // The nearest quarter of a turn, and what is left of the angle, exactly.
    IntVector quarter = k.add(1 << 21).lanewise(VectorOperators.LSHR, 22);
    IntVector left = k.sub(quarter.lanewise(VectorOperators.LSHL, 22));
    FloatVector a = toFloat(left).add(0.5f).mul(ANGLE);
    FloatVector s = VectorMath.sine(a);
    FloatVector c = VectorMath.cosine(a);
    VectorMask<Float> swap = mask(quarter.and(1));
    VectorMask<Float> minusSine = mask(quarter.and(2));
    VectorMask<Float> minusCosine = mask(quarter.add(1).and(2));
    FloatVector cosine = c.blend(s, swap);
    FloatVector sine = s.blend(c, swap);
    radius.mul(cosine.blend(cosine.neg(), minusCosine)).intoArray(cosines, at);
    radius.mul(sine.blend(sine.neg(), minusSine)).intoArray(sines, at);
  }

  private static VectorMask<Float> mask(IntVector bits) {
    return bits.compare(VectorOperators.NE, 0).cast(S);
  }

  private static FloatVector toFloat(IntVector v) {
    return (FloatVector) v.convertShape(VectorOperators.I2F, S, 0);
  }
}
