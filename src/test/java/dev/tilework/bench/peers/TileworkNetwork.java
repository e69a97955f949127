package dev.tilework.bench.peers;

import dev.tilework.Device;
import dev.tilework.Tensor;
import dev.tilework.bench.ModelCases;
import dev.tilework.nn.Module;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;

/** A network of this library: an inference or a training step. */
final class TileworkNetwork implements Contestant.Call {
  private static final String FIRST = "conv1.weight";

  private final Device on;
  private final Module network;
  private final Tensor x;
  private final Tensor labels;
  private final Optimizer optimizer;
  private Tensor logits;
  private float[] learned;

  /** Takes over the network. */
  TileworkNetwork(Device on, Module network, Task.Network task) {
    this.on = on;
    this.network = network;
    int n = task.batch();
    int size = task.size();
    float[] images = Data.images(0, 3L * n * size * size);
    x = Tensor.of(on, images, n, size, size, 3).unscoped();
    labels = Tensor.ofInts(on, Data.labels(n, task.classes()), n).unscoped();
    network.train(task.training());
    optimizer =
        task.training() ? new Sgd(network.parameters(), 0.9f, true, WeightDecay.NONE) : null;
  }

  @Override
  public void run() {
    if (optimizer == null) {
      if (logits != null) {
        logits.close();
      }
      logits = ModelCases.logits(network, x);
    } else if (learned == null) {
      ModelCases.train(
          network,
          optimizer,
          x,
          labels,
          loss -> {
            float[] gradient = network.parameters().get(FIRST).grad().toArray();
            learned = new float[1 + gradient.length];
            learned[0] = loss.value().item();
            System.arraycopy(gradient, 0, learned, 1, gradient.length);
          });
    } else {
      ModelCases.train(network, optimizer, x, labels, loss -> {});
    }
    on.synchronize();
  }

  @Override
  public float[] result() {
    return optimizer == null ? logits.toArray() : learned;
  }

  @Override
  public void close() {
    if (logits != null) {
      logits.close();
    }
    if (optimizer != null) {
      optimizer.close();
    }
    x.close();
    labels.close();
    network.close();
  }
}
