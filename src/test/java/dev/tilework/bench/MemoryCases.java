package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.TensorSpec;
import java.util.Arrays;

/**
 * Operations that memory bounds, on a batch of feature maps: the bytes that they must read and
 * write in a second, beside those of a copy within the device.
 */
final class MemoryCases {
  private final Recorder recorder;
  private final Device device;
  private final int[] dims;

  private MemoryCases(Recorder recorder, SuitePlan plan) {
    this.recorder = recorder;
    device = recorder.device();
    dims = plan.images();
  }

  /** Runs all of them, the copy first. */
  static void run(Recorder recorder, SuitePlan plan) {
    MemoryCases cases = new MemoryCases(recorder, plan);
    cases.copy();
    MemoryOperation.all(plan.images()).forEach(cases::time);
  }

  /** From above 0, as moments and variances are. */
  private Tensor input(int... extents) {
    return Tensor.uniform(device, 0.25f, 1, 1, extents);
  }

  private Recorder.Case memoryCase(String name, long bytes) {
    String shape = Arrays.toString(dims);
    return new Recorder.Case(
        "memory", name, shape, dims[0], "MEMORY", Precision.FP32, 1, 0, bytes, 0);
  }

  private void copy() {
    long bytes = 2 * TensorSpec.f32(dims).bytes();
    SuiteReport.Row row =
        recorder.run(
            memoryCase("copy", bytes),
            () -> {
              Tensor from = input(dims);
              Tensor to = Tensor.zeros(device, dims);
              return () -> to.set(from);
            });
    if (row != null && row.gbs() != null) {
      recorder.copyIs(row);
    }
  }

  private void time(MemoryOperation m) {
    recorder.run(
        memoryCase(m.name(), m.bytes()),
        () -> {
          Tensor[] t = m.inputs().stream().map(this::input).toArray(Tensor[]::new);
          return () -> {
            try (Scope scope = Scope.open()) {
              device.run(m.op(), t);
            }
          };
        });
  }
}
