package dev.tilework.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import java.io.IOException;
import jcuda.driver.CUresult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a program sees when CUDA fails, and that it can go on. On a GPU that no other test uses. */
class FailureTest {
  /** The last of the stand-in's GPUs: losing it leaves the others as they are. */
  static final int GPU = 2;

  private static final ActivationOp RELU = new ActivationOp.Apply(Activation.RELU);

  private Device device;

  @BeforeEach
  void open() throws IOException {
    StandIn.assume();
    assertTrue(!Devices.all().isEmpty());
    device =
        TestDevices.of(
            new CudaDriver(GpuInfo.of(GPU), "cuda:failing", CudaProvider.module(), null));
    StandIn.schedule(0);
  }

  @AfterEach
  void restore() {
    if (StandIn.isHere()) {
      StandIn.memory(8L << 30);
      StandIn.schedule(1);
    }
  }

  private static void assertMessage(Throwable e, String... words) {
    for (String w : words) {
      assertTrue(e.getMessage().contains(w), "'" + w + "' is not in: " + e.getMessage());
    }
  }

  /** Runs an operation and looks at what it computes. */
  private void assertWorks() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, new float[] {-1, 2, -3, 4}, 4);
      assertArrayEquals(new float[] {0, 2, 0, 4}, device.run1(RELU, x).toArray());
    }
  }

  @Test
  void memoryThatRunsOut() {
    StandIn.memory(1 << 20);
    OutOfDeviceMemoryException e =
        assertThrows(
            OutOfDeviceMemoryException.class,
            () -> {
              try (Scope scope = Scope.open()) {
                Tensor x = Tensor.of(device, new float[10_000], 10_000);
                while (true) {
                  x = device.run1(RELU, x);
                }
              }
            });
    assertMessage(e, "relu", "float32[10000]", "40000 bytes");
    assertEquals(0, device.memory().live());
    // What is kept for reuse makes room for other sizes.
    try (Tensor large = Tensor.of(device, new float[200_000], 200_000)) {
      assertEquals(800_000, device.memory().live());
    }
    assertWorks();
  }

  @Test
  void aCallThatFailsOnceIsNamedAndLosesNothing() {
    assertWorks();
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, new float[] {-1, 5}, 2);
      // One of the calls of an operation after the other, until there are no more.
      int failed = 0;
      for (int n = 1; n < 50; n++) {
        StandIn.failCall(n, CUresult.CUDA_ERROR_INVALID_VALUE);
        try {
          device.run1(RELU, x);
        } catch (DeviceException e) {
          failed++;
          assertMessage(e, "relu", "cuda:failing", "CUDA_ERROR_INVALID_VALUE");
          continue;
        } finally {
          StandIn.failCall(0, 0);
        }
        break;
      }
      assertTrue(failed >= 2, "calls that were made to fail: " + failed);
      assertArrayEquals(new float[] {0, 5}, device.run1(RELU, x).toArray());
    }
  }

  @Test
  void aLostDeviceComesBackWithoutItsTensors() {
    assertWorks();
    Tensor x = Tensor.of(device, new float[] {-1, 5}, 2).unscoped();
    StandIn.failCall(2, CUresult.CUDA_ERROR_ILLEGAL_ADDRESS);
    DeviceLostException e = assertThrows(DeviceLostException.class, () -> device.run1(RELU, x));
    StandIn.failCall(0, 0);
    assertMessage(e, "relu", "cuda:failing", "CUDA_ERROR_ILLEGAL_ADDRESS");
    e = assertThrows(DeviceLostException.class, () -> device.run1(RELU, x));
    assertMessage(e, "relu", "lost before");
    e = assertThrows(DeviceLostException.class, x::toArray);
    assertMessage(e, "read", "lost before");
    assertWorks();
    x.close();
    assertWorks();
    assertEquals(0, device.memory().live());
  }

  @Test
  void aLaunchBeyondTheLimits() {
    assertWorks();
    Session s = new Session(GpuInfo.of(GPU), "cuda:limits", image(), null);
    DeviceException e =
        assertThrows(
            DeviceException.class,
            () -> s.launcher.launch("affine", Grid.blocks(2048, 1, 1, 1), 0L, 0L, 0, 1f, 0f));
    assertMessage(e, "kernel affine", "2048", "256");
    e =
        assertThrows(
            DeviceException.class, () -> s.launcher.launch("no_such_kernel", Grid.linear(1), 0L));
    assertMessage(e, "no_such_kernel", "CUDA_ERROR_NOT_FOUND");
    assertWorks();
  }

  private static byte[] image() {
    try {
      return CudaProvider.module();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void tensorsOfOneGpuAreRefusedOnAnother() {
    Device first = Devices.named("cuda:0");
    Device second = Devices.named("cuda:1");
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(first, new float[] {1, -2}, 2);
      Tensor y = Tensor.of(second, new float[] {3, -4}, 2);
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> second.run1(RELU, x));
      assertMessage(e, "relu", "cuda:1");
      assertArrayEquals(new float[] {4, -6}, x.add(y.to(first)).toArray());
      assertArrayEquals(new float[] {4, -6}, y.add(x.to(second)).toArray());
    }
  }

  @Test
  void launchesAndStepsLeaveNothingBehind() {
    try (Scope outer = Scope.open()) {
      Tensor x = Tensor.of(device, new float[1000], 10, 100);
      Runnable step =
          () -> {
            try (Scope scope = Scope.open()) {
              Tensor y = x;
              for (int i = 0; i < 20; i++) {
                y = device.run1(RELU, y);
              }
              y.transpose(1, 0).toArray();
            }
          };
      step.run();
      long live = device.memory().live();
      long cached = device.memory().cached();
      long[] before = StandIn.counts();
      for (int i = 0; i < 50; i++) {
        step.run();
      }
      assertEquals(live, device.memory().live());
      assertEquals(cached, device.memory().cached());
      assertArrayEquals(before, StandIn.counts());
    }
  }
}
