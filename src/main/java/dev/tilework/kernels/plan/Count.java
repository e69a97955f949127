package dev.tilework.kernels.plan;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.Operand;

/** Kernels on GPUs count elements in int. */
public final class Count {
  /** Below 2^31 by what a grid may be larger than the elements it covers. */
  public static final int MOST = Integer.MAX_VALUE - (1 << 16);

  private Count() {}

  /**
   * The elements of a tensor.
   *
   * @throws DeviceException where they are too many
   */
  public static int of(Operand operand) {
    return of(operand.elements());
  }

  /**
   * A number of elements.
   *
   * @throws DeviceException where it is too large
   */
  public static int of(long elements) {
    if (elements > MOST) {
      throw new DeviceException(
          "a tensor of " + elements + " elements; the device's kernels count to " + MOST);
    }
    return (int) elements;
  }
}
