package dev.tilework.io;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Numbers in a file, seen through strides, so that an axis is moved or split without a copy.
 *
 * @param type of the elements, little endian
 * @param dims the extents
 * @param strides of each axis, in elements
 * @param data whose first byte is that of the element at indices 0
 */
record TensorView(StoredType type, int[] dims, long[] strides, MemorySegment data) {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfShort F16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Without gaps, the last axis innermost. */
  static TensorView contiguous(StoredType type, int[] dims, MemorySegment data) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= Math.max(1, dims[i]);
    }
    return new TensorView(type, dims, strides, data);
  }

  /** The axes in another order. */
  TensorView permute(int... axes) {
    int[] d = new int[axes.length];
    long[] s = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      d[i] = dims[axes[i]];
      s[i] = strides[axes[i]];
    }
    return new TensorView(type, d, s, data);
  }

  /** The last axis as several, whose extents multiply to its own. */
  TensorView splitLast(int... parts) {
    int lead = dims.length - 1;
    int[] d = Arrays.copyOf(dims, lead + parts.length);
    long[] s = Arrays.copyOf(strides, lead + parts.length);
    long stride = strides[lead];
    for (int i = parts.length - 1; i >= 0; i--) {
      d[lead + i] = parts[i];
      s[lead + i] = stride;
      stride *= parts[i];
    }
    return new TensorView(type, d, s, data);
  }

  boolean isFloating() {
    return switch (type) {
      case F32, F16, BF16, F64 -> true;
      default -> false;
    };
  }

  /** Writes the elements as float32, without gaps and in the order of the axes. */
  void copyTo(MemorySegment floats) {
    if (!isFloating()) {
      throw new IllegalStateException(type + " are no floating numbers");
    }
    copy(0, 0, floats, 0);
  }

  /** Writes the part below an axis and gives the place behind it. */
  private long copy(int axis, long from, MemorySegment out, long to) {
    if (axis >= dims.length - 1) {
      int n = dims.length == 0 ? 1 : dims[axis];
      row(from, dims.length == 0 ? 1 : strides[axis], n, out, to);
      return to + n;
    }
    long at = to;
    for (int i = 0; i < dims[axis]; i++) {
      at = copy(axis + 1, from + i * strides[axis], out, at);
    }
    return at;
  }

  private void row(long from, long stride, int n, MemorySegment out, long to) {
    switch (type) {
      case F32 -> {
        if (stride == 1) {
          MemorySegment.copy(data, F32, 4 * from, out, ValueLayout.JAVA_FLOAT, 4 * to, n);
          return;
        }
        for (int i = 0; i < n; i++) {
          put(out, to + i, data.get(F32, 4 * (from + i * stride)));
        }
      }
      case F64 -> {
        for (int i = 0; i < n; i++) {
          put(out, to + i, (float) data.get(F64, 8 * (from + i * stride)));
        }
      }
      case F16 -> {
        for (int i = 0; i < n; i++) {
          put(out, to + i, Float.float16ToFloat(data.get(F16, 2 * (from + i * stride))));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          put(out, to + i, Float.intBitsToFloat(data.get(F16, 2 * (from + i * stride)) << 16));
        }
      }
      default -> throw new IllegalStateException(type.name());
    }
  }

  private static void put(MemorySegment out, long index, float value) {
    out.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }
}
