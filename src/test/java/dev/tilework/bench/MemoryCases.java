package dev.tilework.bench;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.SoftmaxOp;
import dev.tilework.kernels.TensorSpec;
import java.util.Arrays;
import java.util.List;

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
    new MemoryCases(recorder, plan).all();
  }

  private void all() {
    copy();
    int n = dims[0];
    int h = dims[1];
    int w = dims[2];
    int c = dims[3];
    int[] channels = {c};
    PoolGeometry pool = new PoolGeometry(n, h, w, c, 3, 3, 2, 2, 1, 1, 1, 1);
    time("relu", new ActivationOp.Apply(Activation.RELU), dims);
    time("gelu", new ActivationOp.Apply(Activation.GELU), dims);
    time("add", new ElementwiseOp.Binary(ElementwiseOp.Binary.Kind.ADD), dims, dims);
    time("add a bias", new ElementwiseOp.Binary(ElementwiseOp.Binary.Kind.ADD), dims, channels);
    time("to bfloat16", new ElementwiseOp.Cast(DType.BFLOAT16), dims);
    time("sum of all", reduce(0, 1, 2, 3), dims);
    time("sum of channels", reduce(0, 1, 2), dims);
    time("NHWC to NCHW", new LayoutOp.Transpose(List.of(0, 3, 1, 2)), dims);
    time("softmax", new SoftmaxOp.Softmax(false), dims);
    time(
        "batch norm",
        new NormOp.BatchNormTraining(1e-5f, 0.1f, true, false),
        dims,
        channels,
        channels,
        channels,
        channels);
    time(
        "batch norm gradient",
        new NormOp.BatchNormTrainingGrad(true, false),
        dims,
        dims,
        channels,
        channels,
        channels,
        dims);
    time(
        "batch norm inference",
        new NormOp.BatchNormInference(1e-5f, true, false),
        dims,
        channels,
        channels,
        channels,
        channels);
    time("max pool 3x3/2", new PoolOp.Max(pool), dims);
    time("average pool 3x3/2", new PoolOp.Average(pool, true), dims);
    time("global average", new PoolOp.AdaptiveAverage(1, 1), dims);
    time("sgd", new OptimizerOp.Sgd(1e-6f, 0.9f, true, 0), dims, dims, dims);
    time(
        "adam",
        new OptimizerOp.Adam(1e-6f, 0.9f, 0.999f, 1e-8f, 0, true, 1),
        dims,
        dims,
        dims,
        dims);
  }

  private static ReduceOp reduce(Integer... axes) {
    return new ReduceOp.Reduce(ReduceOp.Reduce.Kind.SUM, List.of(axes), false);
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

  private void time(String name, Op op, int[]... inputs) {
    List<TensorSpec> specs = Arrays.stream(inputs).map(TensorSpec::f32).toList();
    long bytes = 0;
    for (int i = 0; i < specs.size(); i++) {
      bytes += specs.get(i).bytes() * (op.updates().contains(i) ? 2 : 1);
    }
    for (TensorSpec s : op.outputs(specs)) {
      bytes += s.bytes();
    }
    recorder.run(
        memoryCase(name, bytes),
        () -> {
          Tensor[] t = Arrays.stream(inputs).map(this::input).toArray(Tensor[]::new);
          return () -> {
            try (Scope scope = Scope.open()) {
              device.run(op, t);
            }
          };
        });
  }
}
