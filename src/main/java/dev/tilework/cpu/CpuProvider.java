package dev.tilework.cpu;

import dev.tilework.kernels.DeviceProvider;
import java.util.List;

/** Finds the CPU device, which is there wherever the Vector API is. */
public final class CpuProvider implements DeviceProvider {
  @Override
  public String kind() {
    return "cpu";
  }

  @Override
  public int priority() {
    return 50;
  }

  @Override
  public Discovery discover() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isEmpty()) {
      return new Discovery(
          List.of(),
          "the Vector API is not loaded; start java with --add-modules jdk.incubator.vector");
    }
    CpuDriver driver = new CpuDriver();
    return new Discovery(List.of(driver), driver.description());
  }
}
