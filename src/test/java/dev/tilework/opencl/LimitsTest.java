package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.plan.Count;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What OpenCL's kernels cannot count is refused by name. */
class LimitsTest {
  @Test
  void elementsBeyondInt() {
    assertEquals(Count.MOST, Count.of((long) Count.MOST));
    String message =
        assertThrows(DeviceException.class, () -> Count.of(Count.MOST + 1L)).getMessage();
    assertTrue(message.contains("" + (Count.MOST + 1L)), message);
  }

  @Test
  void moreAxesThanLoops() {
    Optional<Device> device =
        Devices.all().stream().filter(d -> d.name().startsWith("opencl")).findFirst();
    Assumptions.assumeTrue(device.isPresent(), "no OpenCL device");
    try (Scope scope = Scope.open()) {
      Tensor even = Tensor.zeros(device.get(), 2, 1, 2, 1, 2, 1, 2, 1, 2, 1);
      Tensor odd = Tensor.zeros(device.get(), 1, 2, 1, 2, 1, 2, 1, 2, 1, 2);
      String message = assertThrows(DeviceException.class, () -> even.add(odd)).getMessage();
      assertTrue(message.contains("add") && message.contains("10 axes"), message);
    }
  }
}
