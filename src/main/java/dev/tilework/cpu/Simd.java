package dev.tilework.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width and raw memory. The width is the processor's, or {@code
 * -Dtilework.cpu.vectorBits=128|256|512}. Kernels address memory by plain addresses, which the
 * callers have checked: a segment per tensor would cost range checks in the innermost loops.
 */
final class Simd {
  private static final System.Logger LOG = System.getLogger("dev.tilework.cpu");

  static final VectorSpecies<Float> S = choose();

  /** Integers in vectors of the same number of lanes. */
  static final VectorSpecies<Integer> I = S.withLanes(int.class);

  /** Floats in a vector. */
  static final int LANES = S.length();

  /** Bytes in a vector. */
  static final int BYTES = S.vectorByteSize();

  static final ByteOrder ORDER = ByteOrder.nativeOrder();
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /** All of the process's memory. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /**
   * Masks an address so that the compiler knows it to lie within {@link #ALL}: without its bounds
   * check an access is a quarter of the code, and code that is too large is compiled badly.
   */
  static final long ADDRESS = (1L << 56) - 1;

  private static final VectorShuffle<Float> SWAP_1 = VectorShuffle.fromOp(S, i -> i ^ 1);
  private static final VectorShuffle<Float> SWAP_2 = VectorShuffle.fromOp(S, i -> i ^ 2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);

  private Simd() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(S, i -> distance < LANES ? i ^ distance : i);
  }

  private static VectorSpecies<Float> choose() {
    int preferred = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    int bits = Integer.getInteger("tilework.cpu.vectorBits", Math.clamp(preferred, 128, 512));
    LOG.log(
        System.Logger.Level.DEBUG,
        () ->
            "vectors of "
                + bits
                + " bits (preferred: "
                + preferred
                + "); -Dtilework.cpu.vectorBits=N chooses");
    return switch (bits) {
      case 128 -> FloatVector.SPECIES_128;
      case 256 -> FloatVector.SPECIES_256;
      case 512 -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "tilework.cpu.vectorBits is " + bits + ", expected 128, 256 or 512");
    };
  }

  static FloatVector load(long address) {
    return FloatVector.fromMemorySegment(S, ALL, address & ADDRESS, ORDER);
  }

  static FloatVector load(long address, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(S, ALL, address & ADDRESS, ORDER, mask);
  }

  static void store(FloatVector v, long address) {
    v.intoMemorySegment(ALL, address & ADDRESS, ORDER);
  }

  static void store(FloatVector v, long address, VectorMask<Float> mask) {
    v.intoMemorySegment(ALL, address & ADDRESS, ORDER, mask);
  }

  static IntVector loadInts(long address) {
    return IntVector.fromMemorySegment(I, ALL, address & ADDRESS, ORDER);
  }

  static IntVector loadInts(long address, VectorMask<Integer> mask) {
    return IntVector.fromMemorySegment(I, ALL, address & ADDRESS, ORDER, mask);
  }

  static void store(IntVector v, long address) {
    v.intoMemorySegment(ALL, address & ADDRESS, ORDER);
  }

  static void store(IntVector v, long address, VectorMask<Integer> mask) {
    v.intoMemorySegment(ALL, address & ADDRESS, ORDER, mask);
  }

  static FloatVector splat(float v) {
    return FloatVector.broadcast(S, v);
  }

  /**
   * The sum of the lanes by halving. The Vector API's own leaves the order open, and then compiled
   * and interpreted code differ in the last bits.
   */
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (LANES > 8) {
      s = s.add(s.rearrange(SWAP_8));
    }
    if (LANES > 4) {
      s = s.add(s.rearrange(SWAP_4));
    }
    s = s.add(s.rearrange(SWAP_2));
    return s.add(s.rearrange(SWAP_1)).lane(0);
  }

  /** The first n lanes; n may exceed the vector. */
  static VectorMask<Float> first(int n) {
    return S.indexInRange(0, n);
  }

  /** The largest multiple of {@link #LANES} that is at most n. */
  static int whole(int n) {
    return n & -LANES;
  }

  static float getFloat(long address) {
    return ALL.get(FLOAT, address & ADDRESS);
  }

  static void putFloat(long address, float v) {
    ALL.set(FLOAT, address & ADDRESS, v);
  }

  static int getInt(long address) {
    return ALL.get(INT, address & ADDRESS);
  }

  static void putInt(long address, int v) {
    ALL.set(INT, address & ADDRESS, v);
  }

  static short getShort(long address) {
    return ALL.get(SHORT, address & ADDRESS);
  }

  static void putShort(long address, short v) {
    ALL.set(SHORT, address & ADDRESS, v);
  }

  static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address & ADDRESS);
  }

  static void putByte(long address, byte v) {
    ALL.set(ValueLayout.JAVA_BYTE, address & ADDRESS, v);
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void zero(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }
}
