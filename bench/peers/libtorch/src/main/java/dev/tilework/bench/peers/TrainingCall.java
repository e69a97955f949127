package dev.tilework.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.loss.Loss;
import dev.tilework.bench.ModelCases;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A step of training by autograd, with DJL's loss and its update of stochastic gradient descent,
 * which has momentum but not Nesterov's.
 */
final class TrainingCall implements Contestant.Call {
  private static final String FIRST = "conv1.weight";
  private static final float MOMENTUM = 0.9f;

  private final NDManager manager;
  private final Graph graph;
  private final Map<String, NDArray> parameters = new LinkedHashMap<>();
  private final Map<String, NDArray> momenta = new LinkedHashMap<>();
  private final NDArray images;
  private final NDArray labels;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();
  private float[] learned;

  /** Takes over the manager. */
  TrainingCall(NDManager manager, Format format, Task.Network task, Map<String, float[]> weights) {
    this.manager = manager;
    graph = Graph.of(task);
    for (Graph.Node n : graph.nodes()) {
      switch (n.op()) {
        case CONV -> {
          String name = n.name() + ".weight";
          learn(name, () -> image(format, n, weights.get(name)));
          if (n.bias()) {
            plain(n.name() + ".bias", weights, n.out());
          }
        }
        case NORM -> {
          plain(n.name() + ".weight", weights, n.out());
          plain(n.name() + ".bias", weights, n.out());
          for (String s : List.of(".running_mean", ".running_var")) {
            parameters.put(n.name() + s, Format.plain(manager, weights.get(n.name() + s), n.out()));
          }
        }
        case LINEAR -> {
          plain(n.name() + ".weight", weights, n.out(), n.in());
          plain(n.name() + ".bias", weights, n.out());
        }
        default -> {}
      }
    }
    int size = task.size();
    float[] x = Data.images(0, 3L * task.batch() * size * size);
    images = format.of(manager, x, task.batch(), size, size, 3);
    labels = manager.create(Data.labels(task.batch(), task.classes()), new Shape(task.batch()));
  }

  private NDArray image(Format format, Graph.Node n, float... values) {
    return format.of(manager, values, n.out(), n.kernel(), n.kernel(), n.in());
  }

  private void plain(String name, Map<String, float[]> weights, long... dims) {
    learn(name, () -> Format.plain(manager, weights.get(name), dims));
  }

  private void learn(String name, Supplier<NDArray> values) {
    NDArray p = values.get();
    p.setRequiresGradient(true);
    parameters.put(name, p);
    // In the same memory format, as an update by two formats would cost more.
    NDArray momentum = values.get();
    try (NDArray same = momentum.duplicate()) {
      momentum.subi(same);
    }
    momenta.put(name, momentum);
  }

  @Override
  public void run() {
    boolean mode = JniUtils.isGradMode();
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      JniUtils.setGradMode(true);
      NDArray value = forward();
      JniUtils.backward((PtNDArray) value, (PtNDArray) value.onesLike(), false, false);
      JniUtils.setGradMode(false);
      if (learned == null) {
        try (NDArray gradient = parameters.get(FIRST).getGradient()) {
          float[] first = Format.values(gradient);
          learned = new float[1 + first.length];
          learned[0] = value.getFloat();
          System.arraycopy(first, 0, learned, 1, first.length);
        }
      }
      update();
    } finally {
      JniUtils.setGradMode(mode);
    }
  }

  private void update() {
    for (Map.Entry<String, NDArray> m : momenta.entrySet()) {
      PtNDArray p = (PtNDArray) parameters.get(m.getKey());
      try (PtNDArray gradient = p.getGradient()) {
        JniUtils.sgdUpdate(
            p, gradient, (PtNDArray) m.getValue(), ModelCases.RATE, 0, 1, -1, MOMENTUM);
      }
      JniUtils.zeroGrad(p);
    }
  }

  private NDArray forward() {
    List<Graph.Node> nodes = graph.nodes();
    List<NDArray> values = new ArrayList<>();
    values.add(images);
    for (Graph.Node n : nodes) {
      NDArray other = n.b() < 0 ? null : values.get(n.b());
      values.add(value(n, values.get(n.a()), other));
    }
    return loss.evaluate(new NDList(labels), new NDList(values.getLast()));
  }

  private NDArray value(Graph.Node n, NDArray x, NDArray other) {
    return switch (n.op()) {
      case CONV -> InferenceCall.convolve(n, x, of(n, ".weight"), of(n, ".bias"));
      case NORM ->
          BatchNorm.batchNorm(
                  x,
                  of(n, ".running_mean"),
                  of(n, ".running_var"),
                  of(n, ".weight"),
                  of(n, ".bias"),
                  1,
                  0.1f,
                  Graph.EPS,
                  true)
              .singletonOrThrow();
      case RELU -> Activation.relu(x);
      case ADD -> x.add(other);
      case MAX_POOL -> InferenceCall.pool(n, x);
      case PAD_CHANNELS -> Shortcuts.pad(n, x);
      case GLOBAL_AVERAGE -> Pool.globalAvgPool2d(x);
      case FLATTEN -> x.reshape(x.getShape().get(0), -1);
      case LINEAR -> Linear.linear(x, of(n, ".weight"), of(n, ".bias")).singletonOrThrow();
    };
  }

  private NDArray of(Graph.Node n, String suffix) {
    return parameters.get(n.name() + suffix);
  }

  @Override
  public float[] result() {
    return learned;
  }

  @Override
  public void close() {
    manager.close();
  }
}
