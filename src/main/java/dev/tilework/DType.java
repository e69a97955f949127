package dev.tilework;

/** The type of a tensor's elements. Arithmetic is done in {@link #FLOAT32}; see each constant. */
public enum DType {
  /** IEEE 754 single precision: the type of every computation. */
  FLOAT32(4),
  /** IEEE 754 half precision: storage, reached by {@link Tensor#cast}. */
  FLOAT16(2),
  /** The upper half of a single-precision number: storage, reached by {@link Tensor#cast}. */
  BFLOAT16(2),
  /** 32-bit signed integers: labels and positions. */
  INT32(4),
  /** Unsigned bytes: images as files hold them. */
  UINT8(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** The size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is one of the floating-point types. */
  public boolean isFloating() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }
}
