package dev.tilework;

import dev.tilework.cpu.CpuProvider;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.reference.ReferenceDriver;

/** Devices that no provider offers, for tests. */
public final class TestDevices {
  private TestDevices() {}

  /** A device of a driver. */
  public static Device of(DeviceDriver driver) {
    return new Device(driver.name(), driver);
  }

  /** A CPU device whose memory no other test uses. */
  public static Device cpu() {
    return of(new CpuProvider().discover().drivers().getFirst());
  }

  /** A tensor on a device that computes with the reference, in its full double precision. */
  public static double[] precise(Tensor t) {
    return ReferenceDriver.content(t.operand()).values();
  }
}
