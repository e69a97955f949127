package dev.tilework.autograd;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ConvOptions;
import dev.tilework.kernels.DeviceUnderTest;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.MatmulOp;
import dev.tilework.kernels.NormOp;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.ReduceOp.Reduce;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The gradient of everything that can be differentiated against central differences. */
class GradientTest {
  private static final List<Activation> ACTIVATIONS =
      List.of(
          Activation.IDENTITY,
          Activation.RELU,
          Activation.leakyRelu(0.2f),
          Activation.leakyRelu(0),
          Activation.elu(0.7f),
          Activation.elu(0),
          Activation.SIGMOID,
          Activation.TANH,
          Activation.GELU,
          Activation.SILU);

  @TestFactory
  Stream<DynamicNode> everyGradientOnEveryDevice() {
    return DeviceUnderTest.each(GradientTest::tests);
  }

  @TestFactory
  Stream<DynamicNode> everyGradientOnTheReference() {
    Device device = TestDevices.of(new ReferenceDriver("reference"));
    return Stream.of(dynamicContainer(device.name(), tests(device)));
  }

  private static Stream<DynamicNode> tests(Device device) {
    return cases().stream()
        .map(c -> dynamicTest(device.name() + " " + c.name(), () -> c.check(device)));
  }

  private static List<GradientCase> cases() {
    List<GradientCase> all = new ArrayList<>();
    convolutions(all);
    matmul(all);
    pooling(all);
    functions(all);
    norm(all);
    arithmetic(all);
    layout(all);
    programs(all);
    return all;
  }

  private static int[] dims(int... dims) {
    return dims;
  }

  private static void convolutions(List<GradientCase> all) {
    ConvOptions plain = ConvOptions.DEFAULT;
    all.add(
        GradientCase.of(
            "conv2d", v -> v[0].conv2d(v[1], plain), dims(2, 4, 5, 2), dims(3, 3, 2, 2)));
    ConvOptions mixed = plain.stride(2, 1).padding(1, 0, 2, 1).dilation(1, 2);
    all.add(
        GradientCase.of(
            "conv2d with bias, stride, padding and dilation",
            v -> v[0].conv2d(v[1], v[2], mixed),
            dims(1, 5, 6, 2),
            dims(3, 3, 2, 2),
            dims(3)));
    all.add(
        GradientCase.of(
            "conv2d in groups",
            v -> v[0].conv2d(v[1], v[2], plain.groups(2).padding(1)),
            dims(1, 3, 3, 4),
            dims(4, 3, 3, 2),
            dims(4)));
    all.add(
        GradientCase.of(
            "conv2d depthwise",
            v -> v[0].conv2d(v[1], plain.groups(3).padding(1)),
            dims(1, 4, 3, 3),
            dims(6, 3, 3, 1)));
    for (Activation a : ACTIVATIONS) {
      if (a.gradientFromOutput()) {
        ConvGeometry g = ConvGeometry.of(Shape.of(1, 3, 4, 2), Shape.of(3, 2, 2, 2), plain);
        all.add(
            GradientCase.of(
                "conv2d fused with bias, residual and " + a,
                v -> Variable.apply(new ConvOp.Forward(g, true, true, a), v),
                dims(1, 3, 4, 2),
                dims(3, 2, 2, 2),
                dims(3),
                dims(1, 2, 3, 3)));
      }
    }
    all.add(
        GradientCase.of(
            "conv2d_transpose",
            v -> v[0].conv2dTranspose(v[1], plain.stride(2).padding(1), 1, 0),
            dims(1, 3, 3, 2),
            dims(2, 3, 3, 3)));
    all.add(
        GradientCase.of(
            "conv2d_transpose in groups",
            v -> v[0].conv2dTranspose(v[1], plain.groups(2), 0, 0),
            dims(1, 2, 3, 4),
            dims(4, 2, 2, 1)));
  }

  private static void matmul(List<GradientCase> all) {
    for (int i = 0; i < 4; i++) {
      boolean ta = i % 2 == 1;
      boolean tb = i >= 2;
      all.add(
          GradientCase.of(
              "matmul, transposed: " + ta + ", " + tb,
              v -> Variable.apply(new MatmulOp.Matmul(ta, tb, true), v),
              ta ? dims(4, 3) : dims(3, 4),
              tb ? dims(5, 4) : dims(4, 5),
              dims(5)));
    }
    all.add(GradientCase.of("matmul", v -> v[0].matmul(v[1]), dims(2, 3), dims(3, 4)));
    all.add(GradientCase.of("linear", v -> v[0].linear(v[1]), dims(2, 3), dims(4, 3)));
    all.add(
        GradientCase.of(
            "linear with bias", v -> v[0].linear(v[1], v[2]), dims(2, 3), dims(4, 3), dims(4)));
  }

  private static void pooling(List<GradientCase> all) {
    all.add(GradientCase.of("max_pool2d", v -> v[0].maxPool(3, 2, 1), dims(2, 5, 4, 2)));
    all.add(GradientCase.of("avg_pool2d", v -> v[0].averagePool(3, 2, 1), dims(2, 5, 4, 2)));
    PoolGeometry g = new PoolGeometry(1, 5, 4, 2, 3, 2, 2, 1, 2, 0, 1, 1);
    all.add(
        GradientCase.of(
            "avg_pool2d, padding not counted", v -> v[0].averagePool(g, false), dims(1, 5, 4, 2)));
    all.add(
        GradientCase.of(
            "adaptive_avg_pool2d", v -> v[0].adaptiveAveragePool(2, 3), dims(1, 5, 4, 2)));
    all.add(
        GradientCase.of("global average", v -> v[0].adaptiveAveragePool(1, 1), dims(2, 3, 3, 2)));
  }

  private static void functions(List<GradientCase> all) {
    for (Activation a : ACTIVATIONS) {
      all.add(GradientCase.of(a.toString(), v -> v[0].activation(a), dims(3, 7)));
    }
    all.add(GradientCase.of("relu", v -> v[0].relu(), dims(11)));
    all.add(GradientCase.of("softmax", v -> v[0].softmax(), dims(3, 5)));
    all.add(GradientCase.of("log_softmax", v -> v[0].logSoftmax(), dims(2, 2, 5)));
    for (float smoothing : new float[] {0, 0.1f}) {
      all.add(
          GradientCase.of(
              "cross_entropy, smoothing " + smoothing,
              v ->
                  v[0].crossEntropy(
                      Tensor.ofInts(v[0].value().device(), new int[] {2, 0, 4}, 3), smoothing),
              dims(3, 5)));
      float[] shares = {0.25f, 0, 0.75f, 0, 0, 0, 1, 0, 0.5f, 0, 0.25f, 0.25f};
      all.add(
          GradientCase.of(
              "cross_entropy against probabilities, smoothing " + smoothing,
              v -> v[0].crossEntropy(Tensor.of(v[0].value().device(), shares, 3, 4), smoothing),
              dims(3, 4)));
    }
    all.add(
        GradientCase.of(
            "mean_squared_error", v -> v[0].meanSquaredError(v[1]), dims(3, 4), dims(3, 4)));
    all.add(GradientCase.of("dropout", v -> v[0].dropout(0.4f, 5, 6), dims(4, 9)));
  }

  private static void norm(List<GradientCase> all) {
    for (int i = 0; i < 4; i++) {
      boolean relu = i % 2 == 1;
      boolean residual = i >= 2;
      List<int[]> dims = new ArrayList<>(List.of(dims(2, 3, 2, 3), dims(3), dims(3)));
      if (residual) {
        dims.add(dims(2, 3, 2, 3));
      }
      String with = (relu ? " with relu" : "") + (residual ? " with residual" : "");
      all.add(
          GradientCase.of(
              "batch_norm_training" + with,
              v -> normalized(new NormOp.BatchNormTraining(1e-2f, 0.1f, relu, residual), v),
              dims.toArray(int[][]::new)));
      all.add(
          GradientCase.of(
              "batch_norm_inference" + with,
              v -> normalized(new NormOp.BatchNormInference(1e-2f, relu, residual), v),
              dims.toArray(int[][]::new)));
    }
  }

  private static Variable normalized(NormOp op, Variable... v) {
    Device d = v[0].value().device();
    Variable mean = Variable.of(Tensor.of(d, new float[] {0.5f, -1, 0}, 3));
    Variable variance = Variable.of(Tensor.of(d, new float[] {1, 2, 0.5f}, 3));
    return v.length == 3
        ? Variable.apply(op, v[0], v[1], v[2], mean, variance)
        : Variable.apply(op, v[0], v[1], v[2], mean, variance, v[3]);
  }

  private static void arithmetic(List<GradientCase> all) {
    int[][][] pairs = {
      {{2, 3}, {2, 3}},
      {{2, 3}, {3}},
      {{3}, {2, 3}},
      {{2, 1, 3}, {4, 1}},
      {{}, {2, 2}},
      {{2, 3, 2, 4}, {2, 1, 1, 4}},
      {{1, 1}, {1, 1}},
    };
    for (int[][] p : pairs) {
      String of = " of " + Shape.of(p[0]) + " and " + Shape.of(p[1]);
      all.add(GradientCase.of("add" + of, v -> v[0].add(v[1]), p));
      all.add(GradientCase.of("subtract" + of, v -> v[0].subtract(v[1]), p));
      all.add(GradientCase.of("multiply" + of, v -> v[0].multiply(v[1]), p));
      // A divisor away from 0: b + 3 is between 1 and 5.
      all.add(GradientCase.of("divide" + of, v -> v[0].divide(v[1].affine(1, 3)), p));
    }
    all.add(GradientCase.of("affine", v -> v[0].affine(-2.5f, 1), dims(5)));
    int[][] axes = {{}, {0}, {1}, {-1}, {0, 2}, {2, 1, 0}};
    for (int[] a : axes) {
      String over = " over " + java.util.Arrays.toString(a);
      all.add(GradientCase.of("sum" + over, v -> v[0].sum(a), dims(2, 3, 4)));
      all.add(GradientCase.of("mean" + over, v -> v[0].mean(a), dims(2, 3, 4)));
      all.add(GradientCase.of("max" + over, v -> v[0].max(a), dims(2, 3, 4)));
    }
    all.add(
        GradientCase.of(
            "mean, axes kept",
            v -> Variable.apply(new Reduce(Reduce.Kind.MEAN, List.of(0, 2), true), v),
            dims(2, 3, 4)));
    all.add(
        GradientCase.of(
            "max, axes kept",
            v -> Variable.apply(new Reduce(Reduce.Kind.MAX, List.of(1), true), v),
            dims(2, 3, 4)));
  }

  private static void layout(List<GradientCase> all) {
    all.add(
        GradientCase.of(
            "concat on axis 0", v -> Variable.concat(0, v), dims(2, 3), dims(1, 3), dims(3, 3)));
    all.add(
        GradientCase.of(
            "concat on the last axis", v -> Variable.concat(-1, v), dims(2, 2, 3), dims(2, 2, 1)));
    all.add(
        GradientCase.of(
            "concat of one variable twice", v -> Variable.concat(1, v[0], v[0]), dims(2, 3)));
    all.add(GradientCase.of("slice on axis 0", v -> v[0].slice(0, 1, 2), dims(4, 3)));
    all.add(GradientCase.of("slice on axis 1", v -> v[0].slice(-1, 1, 2), dims(3, 4)));
    all.add(
        GradientCase.of(
            "slice, recorded as an operation",
            v -> Variable.apply(new LayoutOp.Slice(1, 0, 2), v),
            dims(3, 4)));
    all.add(
        GradientCase.of(
            "slice_grad", v -> Variable.apply(new LayoutOp.SliceGrad(1, 2, 7), v), dims(3, 4)));
    all.add(GradientCase.of("reshape", v -> v[0].reshape(3, -1), dims(2, 3, 2)));
    all.add(GradientCase.of("transpose", v -> v[0].transpose(2, 0, 1), dims(2, 3, 4)));
    all.add(
        GradientCase.of(
            "broadcast_to",
            v -> Variable.apply(new LayoutOp.BroadcastTo(Shape.of(2, 3, 4)), v),
            dims(3, 1)));
  }

  private static void programs(List<GradientCase> all) {
    all.add(GradientCase.of("x * x + x", v -> v[0].multiply(v[0]).add(v[0]), dims(5)));
    all.add(
        GradientCase.of(
            "two branches that meet",
            v -> {
              Variable h = v[0].activation(Activation.TANH);
              return h.multiply(v[1]).add(h.reshape(6).slice(0, 1, 3)).subtract(h.sum());
            },
            dims(2, 3),
            dims(3)));
    all.add(
        GradientCase.of(
            "a small network",
            v ->
                v[0].conv2d(v[1], v[2], ConvOptions.DEFAULT.padding(1))
                    .activation(Activation.SILU)
                    .averagePool(2, 2, 0)
                    .reshape(2, -1)
                    .linear(v[3])
                    .crossEntropy(Tensor.ofInts(v[0].value().device(), new int[] {1, 0}, 2), 0.1f),
            dims(2, 4, 4, 1),
            dims(2, 3, 3, 1),
            dims(2),
            dims(3, 8)));
  }
}
