package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network in inference: batch normalizations are folded into the convolutions before them, as
 * {@code torch.jit.freeze} does, sums are made in place as torchvision's are, and each value is
 * freed when nothing reads it any more.
 */
final class InferenceCall implements Contestant.Call {
  private final NDManager manager;
  private final Graph graph;
  private final Map<Graph.Node, NDArray[]> parameters = new IdentityHashMap<>();
  private final NDArray images;
  private NDArray logits;

  /** Gives a convolution's or linear layer's weights and bias. */
  interface Parameters {
    /**
     * Makes them.
     *
     * @param norm the normalization to be folded in; null for none
     */
    NDArray[] of(NDManager manager, Format format, Graph.Node node, Graph.Node norm);
  }

  /** Takes over the manager. */
  InferenceCall(NDManager manager, Format format, Task.Network task, Parameters values) {
    this.manager = manager;
    graph = Graph.of(task);
    List<Graph.Node> nodes = graph.nodes();
    for (int i = 0; i < nodes.size(); i++) {
      Graph.Node n = nodes.get(i);
      if (n.op() == Graph.Op.CONV || n.op() == Graph.Op.LINEAR) {
        parameters.put(n, values.of(manager, format, n, norm(i)));
      }
    }
    int size = task.size();
    float[] x = Data.images(0, 3L * task.batch() * size * size);
    images = format.of(manager, x, task.batch(), size, size, 3);
  }

  /** The normalization right behind a convolution, which alone reads it; else null. */
  private Graph.Node norm(int convolution) {
    List<Graph.Node> nodes = graph.nodes();
    boolean is =
        nodes.get(convolution).op() == Graph.Op.CONV
            && convolution + 1 < nodes.size()
            && nodes.get(convolution + 1).op() == Graph.Op.NORM
            && nodes.get(convolution + 1).a() == convolution + 1;
    return is ? nodes.get(convolution + 1) : null;
  }

  /** The weights that all libraries use. */
  static Parameters folded(Map<String, float[]> weights) {
    return (manager, format, n, norm) -> {
      float[] w = weights.get(n.name() + ".weight");
      float[] bias = weights.get(n.name() + ".bias");
      if (norm != null) {
        float[][] folded = GraphWeights.fold(n, norm, weights);
        w = folded[0];
        bias = folded[1];
      }
      NDArray weight =
          n.op() == Graph.Op.CONV
              ? format.of(manager, w, n.out(), n.kernel(), n.kernel(), n.in())
              : Format.plain(manager, GraphWeights.channelsFirst(n, w), n.out(), n.in());
      return new NDArray[] {weight, bias == null ? null : Format.plain(manager, bias, n.out())};
    };
  }

  /** Random ones that libtorch draws. */
  static Parameters random(NDManager manager) {
    return (same, format, n, norm) ->
        new NDArray[] {
          n.op() == Graph.Op.CONV
              ? format.random(manager, n.out(), n.kernel(), n.kernel(), n.in())
              : manager.randomNormal(0, 0.05f, new Shape(n.out(), n.in()), DataType.FLOAT32),
          manager.zeros(new Shape(n.out()))
        };
  }

  @Override
  public void run() {
    if (logits != null) {
      logits.close();
    }
    List<Graph.Node> nodes = graph.nodes();
    int[] uses = graph.uses();
    NDArray[] values = new NDArray[nodes.size() + 1];
    values[0] = images;
    for (int i = 0; i < nodes.size(); i++) {
      Graph.Node n = nodes.get(i);
      NDArray x = values[n.a()];
      if (n.op() == Graph.Op.NORM) {
        // Folded into the convolution.
        values[i + 1] = x;
        values[n.a()] = null;
        continue;
      }
      values[i + 1] = value(n, x, n.b() < 0 ? null : values[n.b()], uses[n.a()]);
      release(values, uses, n.a(), values[i + 1]);
      if (n.b() >= 0) {
        release(values, uses, n.b(), values[i + 1]);
      }
    }
    logits = values[nodes.size()];
  }

  private static void release(NDArray[] values, int[] uses, int at, NDArray result) {
    uses[at]--;
    if (uses[at] == 0 && at > 0 && values[at] != null && values[at] != result) {
      values[at].close();
      values[at] = null;
    }
  }

  private NDArray value(Graph.Node n, NDArray x, NDArray other, int uses) {
    return switch (n.op()) {
      case CONV -> convolve(n, x, parameters.get(n));
      case RELU -> Activation.relu(x);
      case ADD -> uses == 1 ? x.addi(other) : x.add(other);
      case MAX_POOL -> pool(n, x);
      case PAD_CHANNELS -> Shortcuts.pad(n, x);
      case GLOBAL_AVERAGE -> Pool.globalAvgPool2d(x);
      case FLATTEN -> x.reshape(x.getShape().get(0), -1);
      case LINEAR ->
          Linear.linear(x, parameters.get(n)[0], parameters.get(n)[1]).singletonOrThrow();
      case NORM -> throw new IllegalStateException("not folded: " + n);
    };
  }

  static NDArray convolve(Graph.Node n, NDArray x, NDArray... weightAndBias) {
    return Conv2d.conv2d(
            x,
            weightAndBias[0],
            weightAndBias[1],
            Format.pair(n.stride()),
            Format.pair(n.pad()),
            Format.pair(1),
            1)
        .singletonOrThrow();
  }

  static NDArray pool(Graph.Node n, NDArray x) {
    return Pool.maxPool2d(
        x, Format.pair(n.kernel()), Format.pair(n.stride()), Format.pair(n.pad()), false);
  }

  @Override
  public float[] result() {
    return logits.toFloatArray();
  }

  @Override
  public void close() {
    manager.close();
  }
}
