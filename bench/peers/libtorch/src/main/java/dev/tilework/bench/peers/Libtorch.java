package dev.tilework.bench.peers;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Activation;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import dev.tilework.kernels.ConvGeometry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * PyTorch's native library through DJL: its operations on NDArrays, without gradients in inference,
 * in both of its memory formats.
 */
public final class Libtorch implements Contestant {
  private static final String DJL = "0.36.0";

  /** Made by the service loader. */
  public Libtorch() {}

  @Override
  public String name() {
    return "libtorch";
  }

  @Override
  public String version() {
    return Engine.getEngine("PyTorch").getVersion() + " through DJL " + DJL;
  }

  @Override
  public void threads(int count) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(count));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
  }

  @Override
  public List<String> forms(Task task) {
    boolean images =
        switch (task) {
          case Task.Product p -> false;
          case Task.Memory m ->
              switch (m.kind()) {
                case RELU, GELU, ADD -> false;
                default -> true;
              };
          default -> true;
        };
    return images ? Format.NAMES : List.of(Format.CONTIGUOUS.formName());
  }

  static NDManager manager() {
    return NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @Override
  public Call prepare(Task task, String form) {
    Format format = Format.named(form);
    NDManager manager = manager();
    return switch (task) {
      case Task.Convolution c -> {
        ConvGeometry g = c.layer().geometry(c.batch());
        yield switch (c.of()) {
          case FORWARD -> ConvCalls.forward(manager, format, g);
          case DATA_GRAD, WEIGHT_GRAD -> new BackwardCall(manager, format, g, c.of());
        };
      }
      case Task.Product p -> {
        NDArray a = Format.plain(manager, Data.first((long) p.m() * p.k()), p.m(), p.k());
        NDArray b = Format.plain(manager, Data.second((long) p.n() * p.k()), p.n(), p.k());
        yield new ResultCall(manager, () -> Linear.linear(a, b).singletonOrThrow());
      }
      case Task.Memory m -> memory(manager, format, m);
      case Task.Network n when n.training() ->
          new TrainingCall(manager, format, n, GraphWeights.of(n));
      case Task.Network n -> {
        Map<String, float[]> weights = GraphWeights.of(n);
        yield new InferenceCall(manager, format, n, InferenceCall.folded(weights));
      }
    };
  }

  /** With weights that libtorch draws itself, in its default format. */
  @Override
  public Call start(Task.Network network, Path folder) {
    NDManager manager = manager();
    return new InferenceCall(manager, Format.CONTIGUOUS, network, InferenceCall.random(manager));
  }

  private static Call memory(NDManager manager, Format format, Task.Memory m) {
    int c = m.c();
    NDArray x = image(manager, format, m, 0);
    NDArray y = m.kind() == Task.Memory.Kind.ADD ? image(manager, format, m, 1) : null;
    NDArray[] channels = new NDArray[5];
    for (int i = 1; i < channels.length; i++) {
      channels[i] = Format.plain(manager, Data.channels(i, c), c);
    }
    boolean training = m.kind() == Task.Memory.Kind.BATCH_NORM_TRAINING;
    return new ResultCall(
        manager,
        switch (m.kind()) {
          case RELU -> () -> Activation.relu(x);
          case GELU -> () -> Activation.gelu(x);
          case ADD -> () -> x.add(y);
          case SOFTMAX -> () -> x.softmax(1);
          case BATCH_NORM_TRAINING, BATCH_NORM_INFERENCE ->
              () -> {
                try (NDArray z =
                    BatchNorm.batchNorm(
                            x,
                            channels[3],
                            channels[4],
                            channels[1],
                            channels[2],
                            1,
                            0.1f,
                            Graph.EPS,
                            training)
                        .singletonOrThrow()) {
                  return Activation.relu(z);
                }
              };
          case MAX_POOL ->
              () -> Pool.maxPool2d(x, Format.pair(3), Format.pair(2), Format.pair(1), false);
          case AVERAGE_POOL ->
              () -> Pool.avgPool2d(x, Format.pair(3), Format.pair(2), Format.pair(1), false, true);
          case GLOBAL_AVERAGE -> () -> Pool.globalAvgPool2d(x);
        });
  }

  private static NDArray image(NDManager manager, Format format, Task.Memory m, long seed) {
    float[] values = Data.images(seed, (long) m.n() * m.h() * m.w() * m.c());
    return format.of(manager, values, m.n(), m.h(), m.w(), m.c());
  }
}
