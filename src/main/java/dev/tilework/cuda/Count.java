package dev.tilework.cuda;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Operand;

/** Kernels count elements in int. */
final class Count {
  /** Below 2^31 by what a grid may be larger than the elements it covers. */
  private static final int MOST = Integer.MAX_VALUE - (1 << 16);

  private Count() {}

  /**
   * The elements of a tensor.
   *
   * @throws DeviceException where they are too many
   */
  static int of(Operand operand) {
    return of(operand.elements());
  }

  /** A number of elements. */
  static int of(long elements) {
    if (elements > MOST) {
      throw new DeviceException(
          "a tensor of " + elements + " elements; CUDA's kernels count to " + MOST);
    }
    return (int) elements;
  }
}
