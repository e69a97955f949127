package dev.tilework.kernels;

import java.util.List;

/** A kind of device, found through {@link java.util.ServiceLoader}. */
public interface DeviceProvider {
  /** The kind's name: {@code cpu}, {@code opencl} or {@code cuda}. */
  String kind();

  /** Where the kind stands in the choice of the best device; the highest that has a device wins. */
  int priority();

  /** Looks for devices. Never throws: what is missing is said in the result. */
  Discovery discover();

  /**
   * What was found.
   *
   * @param drivers the devices, best first; empty where there is none
   * @param explanation one line: what was found, or what is missing and what to install
   */
  record Discovery(List<DeviceDriver> drivers, String explanation) {}
}
