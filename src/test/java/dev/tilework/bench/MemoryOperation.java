package dev.tilework.bench;

import dev.tilework.DType;
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
 * An operation that memory bounds, on a batch of feature maps.
 *
 * @param name what it is called in tables
 * @param inputs the dimensions of its operands
 */
public record MemoryOperation(String name, Op op, List<int[]> inputs) {
  /** All of them, on feature maps of (n, h, w, c). */
  public static List<MemoryOperation> all(int... dims) {
    int[] channels = {dims[3]};
    PoolGeometry pool =
        new PoolGeometry(dims[0], dims[1], dims[2], dims[3], 3, 3, 2, 2, 1, 1, 1, 1);
    Op add = new ElementwiseOp.Binary(ElementwiseOp.Binary.Kind.ADD);
    return List.of(
        of("relu", new ActivationOp.Apply(Activation.RELU), dims),
        of("gelu", new ActivationOp.Apply(Activation.GELU), dims),
        of("add", add, dims, dims),
        of("add a bias", add, dims, channels),
        of("to bfloat16", new ElementwiseOp.Cast(DType.BFLOAT16), dims),
        of("sum of all", reduce(0, 1, 2, 3), dims),
        of("sum of channels", reduce(0, 1, 2), dims),
        of("NHWC to NCHW", new LayoutOp.Transpose(List.of(0, 3, 1, 2)), dims),
        of("softmax", new SoftmaxOp.Softmax(false), dims),
        of(
            "batch norm",
            new NormOp.BatchNormTraining(1e-5f, 0.1f, true, false),
            dims,
            channels,
            channels,
            channels,
            channels),
        of(
            "batch norm gradient",
            new NormOp.BatchNormTrainingGrad(true, false),
            dims,
            dims,
            channels,
            channels,
            channels,
            dims),
        of(
            "batch norm inference",
            new NormOp.BatchNormInference(1e-5f, true, false),
            dims,
            channels,
            channels,
            channels,
            channels),
        of("max pool 3x3/2", new PoolOp.Max(pool), dims),
        of("average pool 3x3/2", new PoolOp.Average(pool, true), dims),
        of("global average", new PoolOp.AdaptiveAverage(1, 1), dims),
        of("sgd", new OptimizerOp.Sgd(1e-6f, 0.9f, true, 0), dims, dims, dims),
        of(
            "adam",
            new OptimizerOp.Adam(1e-6f, 0.9f, 0.999f, 1e-8f, 0, true, 1),
            dims,
            dims,
            dims,
            dims));
  }

  /**
   * The one of a name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static MemoryOperation named(String name, int... dims) {
    return all(dims).stream()
        .filter(m -> m.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no operation '" + name + "'"));
  }

  private static MemoryOperation of(String name, Op op, int[]... inputs) {
    return new MemoryOperation(name, op, List.of(inputs));
  }

  private static ReduceOp reduce(Integer... axes) {
    return new ReduceOp.Reduce(ReduceOp.Reduce.Kind.SUM, List.of(axes), false);
  }

  /** What it must read and write. */
  public long bytes() {
    List<TensorSpec> specs = inputs.stream().map(TensorSpec::f32).toList();
    long bytes = 0;
    for (int i = 0; i < specs.size(); i++) {
      bytes += specs.get(i).bytes() * (op.updates().contains(i) ? 2 : 1);
    }
    for (TensorSpec s : op.outputs(specs)) {
      bytes += s.bytes();
    }
    return bytes;
  }

  /** The first operand in a few words. */
  String shape() {
    return Arrays.toString(inputs.getFirst());
  }
}
