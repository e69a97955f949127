package dev.tilework.cpu;

import dev.tilework.DType;
import dev.tilework.kernels.Operand;

/** Changes of the element type, all by way of float32 in chunks that stay in the cache. */
final class Casts {
  private static final int CHUNK = 4096;
  private static final int SLOT = 7;

  private Casts() {}

  static void run(Operand out, Operand in) {
    DType from = in.dtype();
    DType to = out.dtype();
    long x = CpuDriver.address(in);
    long y = CpuDriver.address(out);
    if (from == to) {
      Parallel.ranges(
          in.elements() * from.bytes(), 1 << 18, (i, j) -> Simd.copy(x + i, y + i, j - i));
      return;
    }
    Parallel.ranges(
        in.elements(),
        Parallel.GRAIN,
        (first, end) -> {
          for (long i = first; i < end; i += CHUNK) {
            int n = (int) Math.min(CHUNK, end - i);
            cast(from, x + i * from.bytes(), to, y + i * to.bytes(), n);
          }
        });
  }

  private static void cast(DType from, long x, DType to, long y, int n) {
    if (from == DType.FLOAT32) {
      encode(x, to, y, n);
    } else if (to == DType.FLOAT32) {
      decode(from, x, y, n);
    } else if (from == DType.UINT8 && to == DType.INT32) {
      for (int i = 0; i < n; i++) {
        Simd.putInt(y + 4L * i, Simd.getByte(x + i) & 0xFF);
      }
    } else {
      // From int32 to uint8 too: what float32 cannot hold exactly is clamped anyway.
      long t = Scratch.get(SLOT, 4L * CHUNK);
      decode(from, x, t, n);
      encode(t, to, y, n);
    }
  }

  private static void decode(DType from, long x, long y, int n) {
    switch (from) {
      case FLOAT32 -> Simd.copy(x, y, 4L * n);
      case FLOAT16 -> CastLoops.fromFloat16(x, y, n);
      case BFLOAT16 -> CastLoops.fromBfloat16(x, y, n);
      case INT32 -> CastLoops.fromInt32(x, y, n);
      case UINT8 -> CastLoops.fromUint8(x, y, n);
    }
  }

  private static void encode(long x, DType to, long y, int n) {
    switch (to) {
      case FLOAT32 -> Simd.copy(x, y, 4L * n);
      case FLOAT16 -> CastLoops.toFloat16(x, y, n);
      case BFLOAT16 -> CastLoops.toBfloat16(x, y, n);
      case INT32 -> CastLoops.toInt32(x, y, n);
      case UINT8 -> CastLoops.toUint8(x, y, n);
    }
  }

  /** The nearest bfloat16, ties to even; a NaN stays one. */
  static short bfloat16(float v) {
    int bits = Float.floatToRawIntBits(v);
    if (v != v) {
      // Rounding could carry a NaN's low bits away and leave infinity.
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** Towards 0, clamped to 0 to 255; NaN gives 0. */
  static byte uint8(float v) {
    return (byte) Math.clamp((int) v, 0, 255);
  }
}
