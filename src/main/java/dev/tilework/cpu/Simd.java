package dev.tilework.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector width and raw memory. The width is the processor's, or {@code
 * -Dtilework.cpu.vectorBits=128|256|512}. Kernels address memory by plain addresses, which the
 * callers have checked: a segment per tensor would cost range checks in the innermost loops.
 */
final class Simd {
  private static final System.Logger LOG = System.getLogger("dev.tilework.cpu");

  static final VectorSpecies<Float> S = choose();

  /** Floats in a vector. */
  static final int LANES = S.length();

  /** Bytes in a vector. */
  static final int BYTES = S.vectorByteSize();

  static final ByteOrder ORDER = ByteOrder.nativeOrder();
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /** All of the process's memory. */
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private Simd() {}

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
    return FloatVector.fromMemorySegment(S, ALL, address, ORDER);
  }

  static FloatVector load(long address, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(S, ALL, address, ORDER, mask);
  }

  static void store(FloatVector v, long address) {
    v.intoMemorySegment(ALL, address, ORDER);
  }

  static void store(FloatVector v, long address, VectorMask<Float> mask) {
    v.intoMemorySegment(ALL, address, ORDER, mask);
  }

  static float getFloat(long address) {
    return ALL.get(FLOAT, address);
  }

  static void putFloat(long address, float v) {
    ALL.set(FLOAT, address, v);
  }

  static int getInt(long address) {
    return ALL.get(INT, address);
  }

  static void putInt(long address, int v) {
    ALL.set(INT, address, v);
  }

  static void copy(long from, long to, long bytes) {
    MemorySegment.copy(ALL, from, ALL, to, bytes);
  }

  static void zero(long address, long bytes) {
    ALL.asSlice(address, bytes).fill((byte) 0);
  }
}
