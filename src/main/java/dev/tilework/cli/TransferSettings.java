package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.nn.Module;
import dev.tilework.transfer.Transfer;
import java.nio.file.Path;
import java.util.List;

/**
 * What a run takes over from a trained network.
 *
 * @param weights the file
 * @param model the network's name, needed where the file does not say
 * @param mode what learns
 * @param from the first part that learns when fine-tuning; null for all
 * @param trunkRate by which the learning rate is multiplied below the classifier
 * @param trainBatchNorm whether batch normalizations learn too
 * @param cache the folder where features are kept; null for none
 */
record TransferSettings(
    String weights,
    String model,
    Mode mode,
    String from,
    float trunkRate,
    boolean trainBatchNorm,
    String cache) {
  /** What learns. */
  enum Mode {
    /** A classifier alone, on features that are computed once. */
    FEATURES,
    /** The classifier and what is below it. */
    FINETUNE
  }

  boolean onFeatures() {
    return mode == Mode.FEATURES;
  }

  /** The network that was trained; the caller closes it. */
  WeightsOption.Model load(Device device) {
    return WeightsOption.load(Path.of(weights), model, null, device);
  }

  /**
   * Gives a network a classifier for the classes, unless it has it, and freezes what is not to
   * learn.
   */
  void prepare(WeightsOption.Model source, List<String> classes, long seed) {
    Module network = source.network();
    if (!classes.equals(source.card().classes())) {
      Transfer.replaceClassifier(network, classes.size(), seed);
    }
    if (onFeatures()) {
      Transfer.freezeBelow(network, Transfer.classifierName(network));
      return;
    }
    if (from != null) {
      Transfer.freezeBelow(network, from);
    }
    if (!trainBatchNorm) {
      Transfer.freezeBatchNorm(network);
    }
  }
}
