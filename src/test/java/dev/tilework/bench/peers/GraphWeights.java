package dev.tilework.bench.peers;

import dev.tilework.Devices;
import dev.tilework.nn.Module;
import java.util.Map;
import java.util.stream.Collectors;

/** The values of a graph's parameters, the same for every library, and forms that some need. */
public final class GraphWeights {
  private GraphWeights() {}

  /** The values of parameters and running statistics by their names, in this library's layout. */
  public static Map<String, float[]> of(Task.Network task) {
    try (Module module = Tilework.create(task, Devices.cpu())) {
      return module.state().entrySet().stream()
          .collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().toArray()));
    }
  }

  /** The weights of a linear layer where the images before it were flattened channels first. */
  public static float[] channelsFirst(Graph.Node linear, float... weight) {
    return linear.grid() <= 1
        ? weight
        : Data.nchw(
            weight,
            linear.out(),
            linear.grid(),
            linear.grid(),
            linear.in() / linear.grid() / linear.grid());
  }

  /**
   * The weights and bias of a convolution with the batch normalization behind it folded in, in this
   * library's layout.
   */
  public static float[][] fold(Graph.Node conv, Graph.Node norm, Map<String, float[]> weights) {
    float[] w = weights.get(conv.name() + ".weight").clone();
    float[] old = conv.bias() ? weights.get(conv.name() + ".bias") : new float[conv.out()];
    float[] bias = new float[conv.out()];
    float[] gamma = weights.get(norm.name() + ".weight");
    float[] beta = weights.get(norm.name() + ".bias");
    float[] mean = weights.get(norm.name() + ".running_mean");
    float[] variance = weights.get(norm.name() + ".running_var");
    int each = w.length / conv.out();
    for (int o = 0; o < conv.out(); o++) {
      float scale = (float) (gamma[o] / Math.sqrt(variance[o] + Graph.EPS));
      for (int i = o * each; i < (o + 1) * each; i++) {
        w[i] *= scale;
      }
      bias[o] = (old[o] - mean[o]) * scale + beta[o];
    }
    return new float[][] {w, bias};
  }
}
