package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.I;
import static dev.tilework.cpu.Simd.LANES;
import static dev.tilework.cpu.Simd.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The loops of casts to and from float32, each in a method that is compiled by itself. */
final class CastLoops {
  /** Shorts, as many as there are lanes. */
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(16 * LANES));

  private CastLoops() {}

  static void fromFloat16(long x, long y, int n) {
    for (int i = 0; i < n; i++) {
      Simd.putFloat(y + 4L * i, Float.float16ToFloat(Simd.getShort(x + 2L * i)));
    }
  }

  static void toFloat16(long x, long y, int n) {
    for (int i = 0; i < n; i++) {
      Simd.putShort(y + 2L * i, Float.floatToFloat16(Simd.getFloat(x + 4L * i)));
    }
  }

  static void fromBfloat16(long x, long y, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      ShortVector v = ShortVector.fromMemorySegment(SHORTS, Simd.ALL, x + 2L * i, Simd.ORDER);
      IntVector bits = (IntVector) v.convertShape(VectorOperators.S2I, I, 0);
      Simd.store(bits.lanewise(VectorOperators.LSHL, 16), y + 4L * i);
    }
    for (int i = whole; i < n; i++) {
      Simd.putInt(y + 4L * i, Simd.getShort(x + 2L * i) << 16);
    }
  }

  static void toBfloat16(long x, long y, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      IntVector bits = v.reinterpretAsInts();
      IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
      IntVector rounded = bits.add(0x7FFF).add(odd).lanewise(VectorOperators.LSHR, 16);
      IntVector quiet = bits.lanewise(VectorOperators.LSHR, 16).or(0x40);
      VectorMask<Float> nan = v.compare(VectorOperators.NE, v);
      IntVector result = rounded.blend(quiet, nan.cast(I));
      ((ShortVector) result.convertShape(VectorOperators.I2S, SHORTS, 0))
          .intoMemorySegment(Simd.ALL, y + 2L * i, Simd.ORDER);
    }
    for (int i = whole; i < n; i++) {
      Simd.putShort(y + 2L * i, Casts.bfloat16(Simd.getFloat(x + 4L * i)));
    }
  }

  static void fromInt32(long x, long y, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      IntVector v = Simd.loadInts(x + 4L * i);
      Simd.store((FloatVector) v.convertShape(VectorOperators.I2F, S, 0), y + 4L * i);
    }
    for (int i = whole; i < n; i++) {
      Simd.putFloat(y + 4L * i, Simd.getInt(x + 4L * i));
    }
  }

  static void toInt32(long x, long y, int n) {
    int whole = Simd.whole(n);
    for (int i = 0; i < whole; i += LANES) {
      FloatVector v = Simd.load(x + 4L * i);
      Simd.store((IntVector) v.convertShape(VectorOperators.F2I, I, 0), y + 4L * i);
    }
    for (int i = whole; i < n; i++) {
      Simd.putInt(y + 4L * i, (int) Simd.getFloat(x + 4L * i));
    }
  }

  static void fromUint8(long x, long y, int n) {
    for (int i = 0; i < n; i++) {
      Simd.putFloat(y + 4L * i, Simd.getByte(x + i) & 0xFF);
    }
  }

  static void toUint8(long x, long y, int n) {
    for (int i = 0; i < n; i++) {
      Simd.putByte(y + i, Casts.uint8(Simd.getFloat(x + 4L * i)));
    }
  }
}
