package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;

/** A program that finds two OpenCL devices and computes on both. */
final class TwoDevices {
  static final String DONE = "both have computed";

  private TwoDevices() {}

  public static void main(String... args) {
    Device first = Devices.named("opencl:0");
    Device second = Devices.named("opencl:1");
    assertSame(first, Devices.named("opencl"));
    assertSame(first, Devices.named("opencl:PTHREAD"));
    String absent =
        assertThrows(IllegalArgumentException.class, () -> Devices.named("opencl:2")).getMessage();
    assertTrue(absent.contains("opencl:0 pthread") && absent.contains("opencl:1 p"), absent);
    try (Scope scope = Scope.open()) {
      Tensor a = Tensor.of(first, new float[] {1, 2, 3}, 3);
      Tensor b = Tensor.of(second, new float[] {10, 20, 30}, 3);
      assertArrayEquals(new float[] {2, 4, 6}, a.add(a).toArray());
      assertArrayEquals(new float[] {20, 40, 60}, b.add(b).toArray());
      String refused = assertThrows(IllegalStateException.class, () -> b.add(a)).getMessage();
      assertTrue(refused.contains("add") && refused.contains("opencl:1"), refused);
      Tensor moved = a.to(second);
      assertEquals(second, moved.device());
      assertArrayEquals(new float[] {11, 22, 33}, b.add(moved).toArray());
      assertArrayEquals(new float[] {10, 20, 30}, b.to(first).toArray());
      assertTrue(first.memory().live() > 0 && second.memory().live() > 0);
    }
    assertEquals(0, first.memory().live());
    assertEquals(0, second.memory().live());
    System.out.println(DONE);
  }
}
