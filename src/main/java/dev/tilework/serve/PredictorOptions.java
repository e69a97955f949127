package dev.tilework.serve;

import java.time.Duration;

/**
 * How a {@link Predictor} gathers requests.
 *
 * @param maxBatch the most images that the network is given at once
 * @param maxDelay how long the first image of a batch waits for more; zero takes what is there
 * @param maxPending the images that may wait; where so many do, who asks waits too
 * @param probabilities whether results are the softmax of the network's, over their last axis
 */
public record PredictorOptions(
    int maxBatch, Duration maxDelay, int maxPending, boolean probabilities) {
  /** Up to 32 images, gathered for up to 2 ms; 1024 may wait; results are the network's own. */
  public static final PredictorOptions DEFAULT =
      new PredictorOptions(32, Duration.ofMillis(2), 1024, false);

  /** Checks the numbers. */
  public PredictorOptions {
    if (maxBatch < 1 || maxDelay.isNegative() || maxPending < 1) {
      throw new IllegalArgumentException(
          "predictor: batches of "
              + maxBatch
              + ", delay "
              + maxDelay
              + ", "
              + maxPending
              + " waiting; expected at least 1 image and no delay below 0");
    }
  }

  /** With other limits of a batch. */
  public PredictorOptions withBatches(int most, Duration delay) {
    return new PredictorOptions(most, delay, maxPending, probabilities);
  }

  /** With another limit to the images that wait. */
  public PredictorOptions withMaxPending(int images) {
    return new PredictorOptions(maxBatch, maxDelay, images, probabilities);
  }

  /** With results that are probabilities, or without. */
  public PredictorOptions withProbabilities(boolean wanted) {
    return new PredictorOptions(maxBatch, maxDelay, maxPending, wanted);
  }
}
