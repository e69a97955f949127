package dev.tilework.metrics;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a training run measured in each epoch.
 *
 * @param epochs in order
 */
public record History(List<Epoch> epochs) {
  /**
   * One pass over the training images.
   *
   * @param epoch its number, from 1
   * @param loss mean over the training images, while the weights were changing
   * @param accuracy likewise
   * @param validationLoss mean over the validation images, after the epoch
   * @param validationAccuracy likewise
   * @param rate the learning rate of the last step
   * @param imagesPerSecond images trained on a second, validation not counted
   * @param seconds of the epoch, validation included
   */
  public record Epoch(
      int epoch,
      double loss,
      double accuracy,
      double validationLoss,
      double validationAccuracy,
      double rate,
      double imagesPerSecond,
      double seconds) {}

  /** Nothing yet. */
  public static final History EMPTY = new History(List.of());

  /** Copies the list. */
  public History {
    epochs = List.copyOf(epochs);
  }

  /** This history and one more epoch. */
  public History with(Epoch e) {
    List<Epoch> all = new ArrayList<>(epochs);
    all.add(e);
    return new History(all);
  }

  /** The epoch of the highest validation accuracy, the first of equals. */
  public Optional<Epoch> best() {
    return epochs.stream()
        .max(
            Comparator.comparingDouble(Epoch::validationAccuracy)
                .thenComparing(Epoch::epoch, Comparator.reverseOrder()));
  }
}
