package dev.tilework.opencl;

import java.util.Locale;

/**
 * The two families of kernels for the operations in which it matters how a device computes. {@code
 * -Dtilework.opencl.profile=cpu|gpu} forces one.
 */
enum Profile {
  /**
   * A work-item computes a whole tile in vector registers; needs no local memory and no work group
   * of more than one.
   */
  CPU,
  /** A work group shares tiles in local memory. */
  GPU;

  static Profile named(String name) {
    try {
      return valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "tilework.opencl.profile=" + name + ", expected cpu or gpu", e);
    }
  }
}
