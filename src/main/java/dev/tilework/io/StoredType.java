package dev.tilework.io;

import dev.tilework.DType;
import java.util.Locale;

/** The element types of safetensors, those without a {@link DType} included. */
enum StoredType {
  F32(4, DType.FLOAT32),
  F16(2, DType.FLOAT16),
  BF16(2, DType.BFLOAT16),
  I32(4, DType.INT32),
  U8(1, DType.UINT8),
  F64(8, null),
  I64(8, null),
  U64(8, null),
  U32(4, null),
  I16(2, null),
  U16(2, null),
  I8(1, null),
  BOOL(1, null),
  F8_E4M3(1, null),
  F8_E5M2(1, null);

  final int bytes;

  /** The type here, or null where this library has no such tensors. */
  final DType dtype;

  StoredType(int bytes, DType dtype) {
    this.bytes = bytes;
    this.dtype = dtype;
  }

  static StoredType of(DType dtype) {
    for (StoredType t : values()) {
      if (t.dtype == dtype) {
        return t;
      }
    }
    throw new IllegalArgumentException(dtype.name().toLowerCase(Locale.ROOT));
  }

  /** The type of a name, or null. */
  static StoredType named(String name) {
    for (StoredType t : values()) {
      if (t.name().equals(name)) {
        return t;
      }
    }
    return null;
  }
}
