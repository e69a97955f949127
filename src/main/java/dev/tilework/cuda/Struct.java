package dev.tilework.cuda;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A struct that a kernel takes by value, its members in the order of their declaration and aligned
 * to their sizes, as in C.
 */
final class Struct {
  private static final int MOST = 256;
  private static final int OUTER_LOOPS = 8;

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

  /** The struct Loops of elements.cuh; where there is one operand, the second's strides are 0. */
  static Struct of(Loops l) {
    int outer = l.extent.length - 1;
    if (outer > OUTER_LOOPS) {
      throw new DeviceException(
          (outer + 1) + " axes that do not join; CUDA's kernels have " + (OUTER_LOOPS + 1));
    }
    int[] extent = new int[OUTER_LOOPS];
    int[][] stride = new int[2][OUTER_LOOPS];
    int[] step = new int[2];
    for (int k = 0; k < l.stride.length; k++) {
      step[k] = (int) l.innerStride(k);
      for (int i = 0; i < outer; i++) {
        stride[k][i] = (int) l.stride[k][i];
      }
    }
    for (int i = 0; i < outer; i++) {
      extent[i] = (int) l.extent[i];
    }
    return new Struct()
        .ints((int) l.inner())
        .ints(step)
        .ints(outer)
        .ints(extent)
        .ints(stride[0])
        .ints(stride[1]);
  }

  /** Copies the members to a position of a buffer; gives how many bytes they are. */
  int copyTo(ByteBuffer target, int at) {
    int n = bytes.position();
    target.put(at, bytes, 0, n);
    return n;
  }
}
