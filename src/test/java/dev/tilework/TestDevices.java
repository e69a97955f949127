package dev.tilework;

import dev.tilework.kernels.DeviceDriver;

/** Devices that no provider offers, for tests. */
public final class TestDevices {
  private TestDevices() {}

  /** A device of a driver. */
  public static Device of(DeviceDriver driver) {
    return new Device(driver.name(), driver);
  }
}
