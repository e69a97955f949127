package dev.tilework.cuda;

import dev.tilework.kernels.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A struct that a kernel takes by value, its members in the order of their declaration and aligned
 * to their sizes, as in C.
 */
final class Struct {
  private static final int MOST = 256;

  private final ByteBuffer bytes = ByteBuffer.allocate(MOST).order(ByteOrder.nativeOrder());

  /** Adds members of type int. */
  Struct ints(int... values) {
    for (int v : values) {
      bytes.putInt(v);
    }
    return this;
  }

  /** Adds members of type long long. */
  Struct longs(long... values) {
    bytes.position((bytes.position() + 7) & ~7);
    for (long v : values) {
      bytes.putLong(v);
    }
    return this;
  }

  /** Adds a pointer to an operand, or a null pointer. */
  Struct pointer(Operand operand) {
    return longs(operand == null ? 0 : Launcher.address(operand));
  }

  /** Adds a member of type float. */
  Struct number(float value) {
    bytes.putFloat(value);
    return this;
  }

  /** Copies the members to a position of a buffer; gives how many bytes they are. */
  int copyTo(ByteBuffer target, int at) {
    int n = bytes.position();
    target.put(at, bytes, 0, n);
    return n;
  }
}
