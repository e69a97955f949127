package dev.tilework.train;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.tilework.metrics.History;

/**
 * How far a training run has come, and what it has measured.
 *
 * @param epoch the current epoch, from 0
 * @param batch the next batch in it
 * @param lossSum of the current epoch, over its images so far
 * @param correct images of the current epoch taken for their class so far, mixed ones in part
 * @param images of the current epoch so far
 * @param seconds spent training in the current epoch so far
 * @param history of the epochs before
 */
record Position(
    int epoch,
    int batch,
    double lossSum,
    double correct,
    long images,
    double seconds,
    History history) {
  static final Position START = atEpoch(0, History.EMPTY);

  static Position atEpoch(int epoch, History history) {
    return new Position(epoch, 0, 0, 0, 0, 0, history);
  }

  Position after(int batch, double loss, double correct, int images, double seconds) {
    return new Position(
        epoch,
        batch + 1,
        lossSum + loss * images,
        this.correct + correct,
        this.images + images,
        this.seconds + seconds,
        history);
  }

  @JsonIgnore
  double meanLoss() {
    return images == 0 ? Double.NaN : lossSum / images;
  }

  @JsonIgnore
  double accuracy() {
    return images == 0 ? Double.NaN : correct / images;
  }
}
