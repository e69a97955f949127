package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What a program sees when OpenCL fails, and that it can go on. */
class FailureTest {
  private static final int DEVICE_NOT_AVAILABLE = -2;
  private static final int ALLOCATION_FAILURE = -4;
  private static final int OUT_OF_RESOURCES = -5;
  private static final int INVALID_VALUE = -30;
  private static final int THREADS = 4;
  private static final ActivationOp RELU = new ActivationOp.Apply(Activation.RELU);

  private static void assertMessage(Throwable e, String... words) {
    for (String w : words) {
      assertTrue(e.getMessage().contains(w), "'" + w + "' is not in: " + e.getMessage());
    }
  }

  /** Runs an operation and looks at what it computes. */
  private static void assertWorks(Device device) {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.of(device, new float[] {-1, 2, -3, 4}, 4);
      assertArrayEquals(new float[] {0, 2, 0, 4}, device.run1(RELU, x).toArray());
    }
  }

  @Test
  void kernelsThatDoNotCompile() {
    String broken = "kernel void f(global float *x) {\n#line 7 \"broken.cl\"\n  x[0] = nothing;\n}";
    try (FaultyDevice f = FaultyDevice.with(d -> d, broken)) {
      for (int i = 0; i < 2; i++) {
        DeviceException e =
            assertThrows(DeviceException.class, () -> Tensor.of(f.device(), new float[3], 3));
        assertMessage(e, "faulty", "do not compile", "broken.cl:7", "nothing");
      }
      assertEquals(Set.of(), f.held());
      assertEquals(0, f.device().memory().live());
    }
  }

  @Test
  void compilingFailsInTheFirstOperation() {
    try (FaultyDevice f = FaultyDevice.with(d -> d, "no C at all")) {
      DeviceException e =
          assertThrows(DeviceException.class, () -> Tensor.normal(f.device(), 0, 1, 1, 2, 3));
      assertMessage(e, "normal", "faulty", "do not compile");
    }
  }

  @Test
  void aWorkGroupTooLarge() {
    String source =
        """
        kernel void f(global float *x, const ulong first, local float *shared) {
          shared[0] = first;
          x[0] = shared[0];
        }
        """;
    try (FaultyDevice f = FaultyDevice.with(d -> d, source)) {
      Tensor.of(f.device(), new float[] {1}, 1).close();
      Session s = f.session();
      ClBuffer.Block b = s.memory.take(4);
      Memory.View view = new Memory.View(b.handle(), 0);
      Launcher.Local local = new Launcher.Local(4);
      int most = s.device.workGroup();
      DeviceException e =
          assertThrows(
              DeviceException.class,
              () -> s.launcher.launch("f", Grid.groups(new int[] {2 * most}, 1), view, local));
      assertMessage(e, "kernel f", "work group", String.valueOf(2 * most), String.valueOf(most));
      e =
          assertThrows(
              DeviceException.class,
              () -> s.launcher.launch("f", Grid.items(1), view, new Launcher.Local(1L << 40)));
      assertMessage(e, "kernel f", String.valueOf(1L << 40));
      e = assertThrows(DeviceException.class, () -> s.launcher.launch("g", Grid.items(1), view));
      assertMessage(e, "kernel g", "CL_INVALID_KERNEL_NAME");
      s.launcher.launch("f", Grid.items(1), view, local);
      s.memory.giveBack(b);
    }
  }

  @Test
  void aBufferLargerThanTheDeviceAllows() {
    try (FaultyDevice f = FaultyDevice.with(d -> limited(d, 4096, 1 << 20), null);
        Scope scope = Scope.open()) {
      Device d = f.device();
      Tensor x = Tensor.of(d, new float[1000], 1000);
      OutOfDeviceMemoryException e =
          assertThrows(OutOfDeviceMemoryException.class, () -> Tensor.concat(0, x, x));
      assertMessage(e, "concat", "8000 bytes", "4096");
      assertWorks(d);
    }
  }

  @Test
  void memoryThatRunsOut() {
    try (FaultyDevice f = FaultyDevice.with(d -> limited(d, 1 << 20, 1 << 20), null)) {
      Device d = f.device();
      OutOfDeviceMemoryException e =
          assertThrows(
              OutOfDeviceMemoryException.class,
              () -> {
                try (Scope scope = Scope.open()) {
                  Tensor x = Tensor.of(d, new float[10_000], 10_000);
                  while (true) {
                    x = d.run1(RELU, x);
                  }
                }
              });
      assertMessage(e, "relu", "float32[10000]", "40000 bytes");
      assertEquals(0, d.memory().live());
      // What is kept for reuse makes room for other sizes.
      try (Tensor large = Tensor.of(d, new float[200_000], 200_000)) {
        assertEquals(800_000, d.memory().live());
      }
      assertWorks(d);
    }
  }

  /** A failure for want of memory is tried again after what is kept for reuse was given back. */
  @Test
  void memoryKeptForReuseIsGivenBackWhereItIsWanted() {
    try (FaultyDevice f = FaultyDevice.open();
        Scope scope = Scope.open()) {
      Device d = f.device();
      assertWorks(d);
      Tensor.of(d, new float[100_000], 100_000).close();
      assertTrue(d.memory().cached() >= 400_000);
      f.failAfter(0, ALLOCATION_FAILURE);
      Tensor x = Tensor.of(d, new float[50_000], 50_000);
      assertTrue(d.memory().cached() < 400_000);
      f.failAfter(callsOfRelu(f, x) - 1, ALLOCATION_FAILURE);
      assertEquals(50_000, d.run1(RELU, x).shape().elements(), "the launch was tried again");
    }
  }

  private static int callsOfRelu(FaultyDevice f, Tensor x) {
    f.device().run1(RELU, x).close();
    f.reset();
    f.device().run1(RELU, x).close();
    return f.calls();
  }

  @Test
  void aResourceThatIsMissingOnceIsNoLoss() {
    try (FaultyDevice f = FaultyDevice.open();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.of(f.device(), new float[] {-1, 5}, 2);
      int calls = callsOfRelu(f, x);
      f.failAfter(calls - 1, OUT_OF_RESOURCES);
      DeviceException e = assertThrows(DeviceException.class, () -> f.device().run1(RELU, x));
      assertFalse(e instanceof DeviceLostException, e.toString());
      assertMessage(e, "relu", "float32[2]", "faulty", "CL_OUT_OF_RESOURCES");
      assertArrayEquals(new float[] {0, 5}, f.device().run1(RELU, x).toArray());
      assertEquals(1, f.sessions());
    }
  }

  @Test
  void transfersThatFail() {
    try (FaultyDevice f = FaultyDevice.open();
        Scope scope = Scope.open()) {
      Tensor x = Tensor.of(f.device(), new float[] {1, 2}, 2);
      f.failAfter(0, INVALID_VALUE);
      assertMessage(
          assertThrows(DeviceException.class, x::toArray), "faulty read", "CL_INVALID_VALUE");
      f.failAfter(0, INVALID_VALUE);
      assertMessage(
          assertThrows(DeviceException.class, f.device()::synchronize), "faulty synchronize");
      assertArrayEquals(new float[] {1, 2}, x.toArray());
    }
  }

  @Test
  void aDeviceThatIsLost() {
    for (int status : new int[] {DEVICE_NOT_AVAILABLE, OUT_OF_RESOURCES}) {
      try (FaultyDevice f = FaultyDevice.open()) {
        Device d = f.device();
        Tensor x = Tensor.of(d, new float[] {-1, 5, 6}, 3);
        Tensor y = d.run1(RELU, x);
        f.lose(status);
        DeviceLostException e = assertThrows(DeviceLostException.class, () -> d.run1(RELU, x));
        assertMessage(e, "relu", "faulty", ClStatus.name(status), "lost");
        // What is left of it: the two tensors' memory.
        assertEquals(2, f.held().size(), "kernels and memory kept for reuse are released");
        assertEquals(24, d.memory().live());
        assertMessage(
            assertThrows(DeviceLostException.class, y::toArray), "faulty read", "lost before");
        assertMessage(
            assertThrows(DeviceLostException.class, () -> d.run1(RELU, y)), "relu", "lost before");
        assertWorks(d);
        assertEquals(2, f.sessions());
        try (Tensor fresh = Tensor.of(d, new float[] {1, 1, 1}, 3)) {
          assertMessage(assertThrows(DeviceLostException.class, () -> fresh.set(x)), "lost before");
          assertMessage(
              assertThrows(DeviceLostException.class, () -> fresh.add(y)), "add", "lost before");
        }
        x.close();
        y.close();
        assertEquals(0, d.memory().live());
        f.close();
        assertEquals(Set.of(), f.held());
        assertEquals(0, d.memory().cached());
      }
    }
  }

  @Test
  void aDeviceLostWhileAReadWaits() {
    try (FaultyDevice f = FaultyDevice.open()) {
      Tensor x = Tensor.of(f.device(), new float[] {1, 2}, 2);
      f.lose(OUT_OF_RESOURCES);
      assertMessage(assertThrows(DeviceLostException.class, x::toArray), "faulty read", "is lost");
      // Nothing waits any more, and nothing is to be waited for.
      f.device().synchronize();
      x.close();
      assertEquals(Set.of(), f.held());
    }
  }

  /** The session is closed while others are in it, and each thread goes on by itself. */
  @Test
  void aDeviceLostUnderSeveralThreads() throws Exception {
    try (FaultyDevice f = FaultyDevice.open();
        ExecutorService pool = Executors.newFixedThreadPool(THREADS)) {
      // Of each thread: one that began only after the loss would wait for it for ever.
      CountDownLatch computing = new CountDownLatch(THREADS);
      List<Future<?>> threads = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        threads.add(
            pool.submit(
                () -> {
                  try (Tensor x = Tensor.of(f.device(), new float[] {1, 2}, 2).unscoped()) {
                    assertThrows(
                        DeviceLostException.class,
                        () -> {
                          for (int done = 1; ; done++) {
                            f.device().run1(RELU, x).close();
                            if (done == 50) {
                              computing.countDown();
                            }
                          }
                        });
                  }
                  for (int n = 0; n < 10; n++) {
                    assertWorks(f.device());
                  }
                  return null;
                }));
      }
      computing.await();
      f.lose(OUT_OF_RESOURCES);
      for (Future<?> t : threads) {
        t.get();
      }
      assertEquals(2, f.sessions());
      assertEquals(0, f.device().memory().live());
      f.close();
      assertEquals(Set.of(), f.held());
      assertEquals(0, f.device().memory().cached());
    }
  }

  private static ClDevice limited(ClDevice d, long largestBuffer, long memory) {
    return new ClDevice(
        d.aparapi(),
        d.id(),
        d.name(),
        d.driver(),
        d.platform(),
        d.gpu(),
        d.computeUnits(),
        d.workGroup(),
        d.itemSizes(),
        d.localMemory(),
        largestBuffer,
        memory);
  }
}
