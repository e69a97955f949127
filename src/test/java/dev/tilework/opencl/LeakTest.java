package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.DeviceDriver.MemoryUse;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Memory of the device and of the process over many launches. */
class LeakTest {
  /** Queues, compiled code and parts of the heap not touched yet move the size by megabytes. */
  private static final long NOISE = 64L << 20;

  /**
   * Runs a step until nothing is new, then many times.
   *
   * @param warm steps first
   */
  private static void assertSteady(FaultyDevice f, String name, int warm, int steps, Runnable step)
      throws IOException {
    repeat(warm, step);
    f.device().synchronize();
    MemoryUse before = f.device().memory();
    int handles = f.held().size();
    long start = nativeBytes();
    f.reset();
    repeat(steps, step);
    int calls = f.calls();
    f.device().synchronize();
    long growth = nativeBytes() - start;
    System.out.printf(
        "%s: %d steps, %d calls of OpenCL, the process grew by %.1f MiB%n",
        name, steps, calls, growth / (double) (1 << 20));
    assertEquals(before.live(), f.device().memory().live(), "bytes in tensors");
    assertEquals(before.cached(), f.device().memory().cached(), "bytes kept for reuse");
    assertEquals(handles, f.held().size(), "buffers and kernels");
    assertTrue(growth < NOISE, "the process grew by " + growth + " bytes");
  }

  private static void repeat(int n, Runnable step) {
    for (int i = 0; i < n; i++) {
      step.run();
    }
  }

  /** The bytes of the process in memory but for Java's heap; 0 where the system does not tell. */
  private static long nativeBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmRSS:")) {
        long resident = Long.parseLong(line.replaceAll("\\D", "")) << 10;
        return resident - Runtime.getRuntime().totalMemory();
      }
    }
    return 0;
  }

  @Test
  void tenThousandLaunches() throws IOException {
    try (FaultyDevice f = FaultyDevice.open()) {
      Device d = f.device();
      try (Tensor x = Tensor.of(d, new float[1000], 10, 100).unscoped();
          Tensor y = Tensor.of(d, new float[100], 100).unscoped()) {
        Runnable step =
            () -> {
              try (Scope scope = Scope.open()) {
                Tensor z = x.add(y);
                for (int i = 0; i < 97; i++) {
                  z = z.multiply(y);
                }
                z.transpose(1, 0).toArray();
              }
            };
        assertSteady(f, "launches", 20, 100, step);
      }
      f.close();
      assertEquals(Set.of(), f.held());
    }
  }

  @Test
  void twoHundredStepsOfTraining() throws IOException {
    try (FaultyDevice f = FaultyDevice.open()) {
      Device d = f.device();
      Module net = Models.create("resnet8", 10, d, 1);
      try (net;
          Sgd sgd = new Sgd(net.parameters(), 0.9f, true, WeightDecay.of(1e-4f));
          Tensor x = Tensor.normal(d, 0, 1, 1, 4, 16, 16, 3).unscoped();
          Tensor labels = Tensor.ofInts(d, new int[] {1, 2, 3, 4}, 4).unscoped()) {
        Runnable step =
            () -> {
              try (Scope scope = Scope.open()) {
                Variable loss = net.apply(Variable.of(x)).crossEntropy(labels, 0);
                loss.backward();
                sgd.step(1e-3f);
                net.zeroGrad();
                assertTrue(Float.isFinite(loss.value().item()));
              }
            };
        assertSteady(f, "training", 20, 200, step);
      }
      assertEquals(0, d.memory().live());
      f.close();
      assertEquals(Set.of(), f.held());
      assertEquals(0, d.memory().cached());
    }
  }
}
