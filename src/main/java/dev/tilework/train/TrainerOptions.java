package dev.tilework.train;

import dev.tilework.metrics.History;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/**
 * How a {@link Trainer} works.
 *
 * @param epochs passes over the training images, those before a resume included
 * @param labelSmoothing the share of the target spread over all classes
 * @param clipNorm the most that the norm of all gradients may be; 0 for no limit
 * @param patience epochs without a better validation accuracy after which it stops; 0 for never
 * @param checkpoints the folder for checkpoints, made where missing; null for none
 * @param checkpointEvery steps between checkpoints within an epoch; 0 for none within
 * @param metadata words in each file that is written; see {@link ModelCard#toMetadata}
 * @param progress whether a bar is drawn, where there is a terminal
 * @param listener told of each epoch when it is done and saved
 */
public record TrainerOptions(
    int epochs,
    float labelSmoothing,
    float clipNorm,
    int patience,
    Path checkpoints,
    int checkpointEvery,
    Map<String, String> metadata,
    boolean progress,
    Consumer<History.Epoch> listener) {
  /** Checks the numbers. */
  public TrainerOptions {
    metadata = Map.copyOf(metadata);
    if (epochs < 0
        || !(labelSmoothing >= 0 && labelSmoothing < 1)
        || !(clipNorm >= 0)
        || patience < 0
        || checkpointEvery < 0) {
      throw new IllegalArgumentException(
          "trainer: epochs "
              + epochs
              + ", label smoothing "
              + labelSmoothing
              + ", clip norm "
              + clipNorm
              + ", patience "
              + patience
              + ", checkpoint every "
              + checkpointEvery
              + " steps; expected none below 0, and smoothing below 1");
    }
  }

  /** A number of epochs and nothing else. */
  public static TrainerOptions epochs(int epochs) {
    return new TrainerOptions(epochs, 0, 0, 0, null, 0, Map.of(), false, e -> {});
  }

  /** With label smoothing. */
  public TrainerOptions withLabelSmoothing(float share) {
    return new TrainerOptions(
        epochs,
        share,
        clipNorm,
        patience,
        checkpoints,
        checkpointEvery,
        metadata,
        progress,
        listener);
  }

  /** With a limit to the norm of all gradients. */
  public TrainerOptions withClipNorm(float norm) {
    return new TrainerOptions(
        epochs,
        labelSmoothing,
        norm,
        patience,
        checkpoints,
        checkpointEvery,
        metadata,
        progress,
        listener);
  }

  /** With an early stop. */
  public TrainerOptions withPatience(int epochsWithoutProgress) {
    return new TrainerOptions(
        epochs,
        labelSmoothing,
        clipNorm,
        epochsWithoutProgress,
        checkpoints,
        checkpointEvery,
        metadata,
        progress,
        listener);
  }

  /**
   * With checkpoints at each epoch's end and, where {@code every} is above 0, every so many steps.
   */
  public TrainerOptions withCheckpoints(Path folder, int every, Map<String, String> words) {
    return new TrainerOptions(
        epochs, labelSmoothing, clipNorm, patience, folder, every, words, progress, listener);
  }

  /** With a progress bar, or without. */
  public TrainerOptions withProgress(boolean wanted) {
    return new TrainerOptions(
        epochs,
        labelSmoothing,
        clipNorm,
        patience,
        checkpoints,
        checkpointEvery,
        metadata,
        wanted,
        listener);
  }

  /** With a listener. */
  public TrainerOptions withListener(Consumer<History.Epoch> told) {
    return new TrainerOptions(
        epochs,
        labelSmoothing,
        clipNorm,
        patience,
        checkpoints,
        checkpointEvery,
        metadata,
        progress,
        told);
  }
}
