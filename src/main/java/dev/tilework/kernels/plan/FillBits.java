package dev.tilework.kernels.plan;

import dev.tilework.kernels.LayoutOp;

/** A number as the bits of an element. */
public final class FillBits {
  private FillBits() {}

  /** The bits of a fill's number in its type, cast as by the operation {@code cast}. */
  public static int of(LayoutOp.Fill op) {
    float v = op.value();
    return switch (op.dtype()) {
      case FLOAT32 -> Float.floatToRawIntBits(v);
      case FLOAT16 -> Float.floatToFloat16(v);
      case BFLOAT16 -> bfloat16(v);
      case INT32 -> (int) v;
      case UINT8 -> Math.clamp((int) v, 0, 255);
    };
  }

  /** To nearest, ties to even. */
  private static int bfloat16(float v) {
    int bits = Float.floatToRawIntBits(v);
    // Rounding could carry a NaN's low bits away and leave infinity.
    return Float.isNaN(v) ? bits >>> 16 | 0x40 : bits + 0x7FFF + (bits >>> 16 & 1) >>> 16;
  }
}
