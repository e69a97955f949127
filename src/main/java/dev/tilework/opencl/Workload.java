package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.Op;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.TensorSpec;
import java.util.List;

/**
 * An operation on given shapes that the tuner measures.
 *
 * @param unit of the rate
 * @param work 1e9 of these are one of the unit in a second
 */
record Workload(String label, Op op, List<TensorSpec> inputs, String unit, double work) {
  /** What networks spend their time on, in the sizes of their middle layers. */
  static List<Workload> standard() {
    return of(1024, 56, 64, 8, 4 << 20);
  }

  /** The same in sizes that take no time. */
  static List<Workload> tiny() {
    return of(40, 8, 8, 1, 1000);
  }

  private static List<Workload> of(int matrix, int extent, int channels, int batch, int elements) {
    int c = channels;
    return List.of(
        matmul(matrix),
        forward("3x3", conv(batch, extent, c, c, 3, 1, 1)),
        forward("3x3, stride 2", conv(batch, extent, c, 2 * c, 3, 2, 1)),
        forward("1x1", conv(batch, extent, 4 * c, c, 1, 1, 1)),
        forward("3x3, depthwise", conv(batch, extent, 2 * c, 2 * c, 3, 1, 2 * c)),
        weightGrad("3x3", conv(batch, extent / 2, 2 * c, 2 * c, 3, 1, 1)),
        add(elements),
        sum(elements / c, c));
  }

  private static ConvGeometry conv(
      int n, int extent, int c, int o, int kernel, int stride, int groups) {
    int pad = kernel / 2;
    return new ConvGeometry(
        n, extent, extent, c, o, kernel, kernel, stride, stride, pad, pad, pad, pad, 1, 1, groups);
  }

  private static Workload matmul(int n) {
    TensorSpec matrix = TensorSpec.f32(n, n);
    return new Workload(
        "matmul " + n + "x" + n + "x" + n,
        new MatmulOp.Matmul(false, false, false),
        List.of(matrix, matrix),
        "GFLOP/s",
        2.0 * n * n * n);
  }

  private static Workload forward(String kernel, ConvGeometry g) {
    TensorSpec x = TensorSpec.f32(g.inputShape());
    TensorSpec w = TensorSpec.f32(g.weightShape());
    return new Workload(
        "conv2d " + kernel + " " + sizes(g),
        new ConvOp.Forward(g),
        List.of(x, w),
        "GFLOP/s",
        g.flops());
  }

  private static Workload weightGrad(String kernel, ConvGeometry g) {
    TensorSpec x = TensorSpec.f32(g.inputShape());
    TensorSpec dy = TensorSpec.f32(g.outputShape());
    return new Workload(
        "conv2d_weight_grad " + kernel + " " + sizes(g),
        new ConvOp.WeightGrad(g),
        List.of(x, dy),
        "GFLOP/s",
        g.flops());
  }

  private static String sizes(ConvGeometry g) {
    return g.n() + "x" + g.h() + "x" + g.w() + ", " + g.c() + " to " + g.o() + " channels";
  }

  private static Workload add(int elements) {
    TensorSpec x = TensorSpec.f32(elements);
    return new Workload(
        "add " + elements,
        new ElementwiseOp.Binary(ElementwiseOp.Binary.Kind.ADD),
        List.of(x, x),
        "GB/s",
        12.0 * elements);
  }

  private static Workload sum(int rows, int columns) {
    return new Workload(
        "sum " + rows + "x" + columns + " down the columns",
        new ReduceOp.Reduce(ReduceOp.Reduce.Kind.SUM, List.of(0), false),
        List.of(TensorSpec.f32(rows, columns)),
        "GB/s",
        4.0 * rows * columns);
  }

  /** The rate of a run of so many seconds. */
  double rate(double seconds) {
    return work / seconds / 1e9;
  }
}
