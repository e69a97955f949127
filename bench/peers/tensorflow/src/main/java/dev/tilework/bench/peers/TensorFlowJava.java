package dev.tilework.bench.peers;

import dev.tilework.bench.Pass;
import dev.tilework.kernels.ConvGeometry;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.nn.Conv2d;
import org.tensorflow.op.nn.Conv2dBackpropFilter;
import org.tensorflow.op.nn.Conv2dBackpropInput;
import org.tensorflow.op.nn.DepthwiseConv2dNative;
import org.tensorflow.op.nn.FusedBatchNorm;
import org.tensorflow.types.TFloat32;

/** TensorFlow on graphs with images in NHWC, its format on processors; weights are constants. */
public final class TensorFlowJava implements Contestant {
  private int threads = 1;

  /** Made by the service loader. */
  public TensorFlowJava() {}

  @Override
  public String name() {
    return "tensorflow";
  }

  @Override
  public String version() {
    return TensorFlow.version();
  }

  @Override
  public void threads(int count) {
    threads = count;
  }

  @Override
  public List<String> forms(Task task) {
    return switch (task) {
      // Gradients of depthwise convolutions are other operations, which are not bound here.
      case Task.Convolution c ->
          c.layer().groups() > 1 && c.of() != Pass.FORWARD ? List.of() : List.of("");
      case Task.Product p -> List.of("");
      case Task.Memory m ->
          switch (m.kind()) {
            // Its pools take no explicit border of images in NHWC, and GELU is none of its
            // operations.
            case GELU, MAX_POOL, AVERAGE_POOL -> List.of();
            default -> List.of("");
          };
      case Task.Network n -> List.of();
    };
  }

  private static TFloat32 tensor(float[] values, long... dims) {
    return TFloat32.tensorOf(Shape.of(dims), DataBuffers.of(values));
  }

  @Override
  public Call prepare(Task task, String form) {
    GraphCall call = new GraphCall(new Graph(), threads);
    Ops tf = call.ops();
    switch (task) {
      case Task.Convolution c -> convolution(tf, call, c);
      case Task.Product p -> {
        Operand<TFloat32> a = call.feed(tensor(Data.first((long) p.m() * p.k()), p.m(), p.k()));
        Operand<TFloat32> b =
            tf.constantOf(tensor(Data.second((long) p.n() * p.k()), p.n(), p.k()));
        call.fetch(tf.linalg.matMul(a, b, MatMul.transposeB(true)));
      }
      case Task.Memory m -> memory(tf, call, m);
      case Task.Network n -> throw new UnsupportedOperationException("no networks");
    }
    return call;
  }

  private static void convolution(Ops tf, GraphCall call, Task.Convolution c) {
    ConvGeometry g = c.layer().geometry(c.batch());
    float[] first = Data.first(c.of().first(g).elements());
    float[] second = Data.second(c.of().second(g).elements());
    int in = g.c() / g.groups();
    int row = g.kernelH() * g.kernelW() * in;
    List<Long> strides = List.of(1L, (long) g.strideH(), (long) g.strideW(), 1L);
    List<Long> border =
        List.of(
            0L,
            0L,
            (long) g.padTop(),
            (long) g.padBottom(),
            (long) g.padLeft(),
            (long) g.padRight(),
            0L,
            0L);
    switch (c.of()) {
      case FORWARD -> {
        Operand<TFloat32> x = call.feed(tensor(first, g.n(), g.h(), g.w(), g.c()));
        float[] turned = Data.nchw(second, 1, 1, g.o(), row);
        call.fetch(
            g.groups() > 1
                ? tf.nn.depthwiseConv2dNative(
                    x,
                    tf.constantOf(tensor(turned, g.kernelH(), g.kernelW(), g.c(), 1)),
                    strides,
                    "EXPLICIT",
                    DepthwiseConv2dNative.explicitPaddings(border))
                : tf.nn.conv2d(
                    x,
                    tf.constantOf(tensor(turned, g.kernelH(), g.kernelW(), in, g.o())),
                    strides,
                    "EXPLICIT",
                    Conv2d.explicitPaddings(border)));
      }
      case DATA_GRAD -> {
        Operand<TFloat32> dy = call.feed(tensor(first, g.n(), g.outH(), g.outW(), g.o()));
        float[] turned = Data.nchw(second, 1, 1, g.o(), row);
        call.fetch(
            tf.nn.conv2dBackpropInput(
                tf.constant(new int[] {g.n(), g.h(), g.w(), g.c()}),
                tf.constantOf(tensor(turned, g.kernelH(), g.kernelW(), in, g.o())),
                dy,
                strides,
                "EXPLICIT",
                Conv2dBackpropInput.explicitPaddings(border)));
      }
      case WEIGHT_GRAD -> {
        Operand<TFloat32> x = call.feed(tensor(first, g.n(), g.h(), g.w(), g.c()));
        Operand<TFloat32> dy = call.feed(tensor(second, g.n(), g.outH(), g.outW(), g.o()));
        call.fetch(
            tf.nn.conv2dBackpropFilter(
                x,
                tf.constant(new int[] {g.kernelH(), g.kernelW(), in, g.o()}),
                dy,
                strides,
                "EXPLICIT",
                Conv2dBackpropFilter.explicitPaddings(border)));
        // From (kernelH, kernelW, in, out) to (out, kernelH, kernelW, in).
        call.turned(values -> Data.nchw(values, 1, 1, row, g.o()));
      }
    }
  }

  private static void memory(Ops tf, GraphCall call, Task.Memory m) {
    long count = (long) m.n() * m.h() * m.w() * m.c();
    Operand<TFloat32> x = call.feed(tensor(Data.images(0, count), m.n(), m.h(), m.w(), m.c()));
    switch (m.kind()) {
      case RELU -> call.fetch(tf.nn.relu(x));
      case ADD ->
          call.fetch(
              tf.math.add(x, call.feed(tensor(Data.images(1, count), m.n(), m.h(), m.w(), m.c()))));
      case SOFTMAX -> call.fetch(tf.nn.softmax(x));
      case GLOBAL_AVERAGE -> call.fetch(tf.math.mean(x, tf.constant(new int[] {1, 2})));
      case BATCH_NORM_TRAINING, BATCH_NORM_INFERENCE -> {
        boolean training = m.kind() == Task.Memory.Kind.BATCH_NORM_TRAINING;
        List<Operand<TFloat32>> p = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
          float[] values = training && i > 2 ? new float[0] : Data.channels(i, m.c());
          p.add(tf.constantOf(tensor(values, values.length)));
        }
        call.fetch(
            tf.nn.relu(
                tf.nn
                    .fusedBatchNorm(
                        x,
                        p.get(0),
                        p.get(1),
                        p.get(2),
                        p.get(3),
                        FusedBatchNorm.epsilon(1e-5f),
                        FusedBatchNorm.isTraining(training))
                    .y()));
      }
      default -> throw new UnsupportedOperationException(m.name());
    }
  }
}
