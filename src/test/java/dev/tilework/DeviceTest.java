package dev.tilework;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.kernels.reference.ReferenceDriver;
import org.junit.jupiter.api.Test;

class DeviceTest {
  @Test
  void anUnknownDeviceIsRefusedWithWhatThereIs() {
    String m =
        assertThrows(IllegalArgumentException.class, () -> Devices.named("abacus")).getMessage();
    assertTrue(m.contains("abacus"), m);
    for (Devices.Report r : Devices.reports()) {
      assertTrue(m.contains(r.kind()) && m.contains(r.explanation()), m);
    }
  }

  @Test
  void theCpuIsAlwaysThere() {
    assertEquals("cpu", Devices.cpu().kind());
    assertSame(Devices.cpu(), Devices.named("cpu"));
    assertTrue(Devices.all().contains(Devices.cpu()));
    assertTrue(Devices.cpu().description().contains("bits"));
  }

  @Test
  void theCurrentDeviceCanBeChosen() {
    Device before = Devices.current();
    Device other = TestDevices.of(new ReferenceDriver("chosen"));
    Devices.use(other);
    try (Tensor t = Tensor.zeros(3)) {
      assertSame(other, t.device());
    } finally {
      Devices.use(before);
    }
    assertSame(before, Devices.current());
  }

  @Test
  void memoryIsCounted() {
    Device d = TestDevices.cpu();
    assertEquals(0, d.memory().live());
    try (Tensor a = Tensor.zeros(d, 1000)) {
      Tensor.zeros(d, 500).close();
      assertEquals(4000, d.memory().live());
    }
    assertEquals(0, d.memory().live());
    assertEquals(6000, d.memory().peak());
    d.resetPeak();
    assertEquals(0, d.memory().peak());
  }

  /** The collector runs when it likes, so this asks it many times before it gives up. */
  @Test
  void lostTensorsAreFreed() throws InterruptedException {
    Device d = TestDevices.of(new ReferenceDriver("lossy"));
    lose(d);
    for (int i = 0; i < 200 && d.memory().live() > 0; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertEquals(0, d.memory().live(), "bytes of tensors that nothing refers to");
  }

  private static void lose(Device d) {
    for (int i = 0; i < 10; i++) {
      Tensor t = Tensor.full(d, i, 100);
      t.slice(0, 3, 2);
      if (i % 2 == 0) {
        t.close();
      }
    }
  }
}
