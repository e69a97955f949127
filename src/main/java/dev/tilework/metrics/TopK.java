package dev.tilework.metrics;

import java.util.Objects;

/**
 * The share of samples whose class is among the k highest scores. Of equal scores the lower class
 * counts as the higher, as in argmax; a sample with a NaN score is a miss.
 */
public final class TopK {
  private final int k;
  private final int classes;
  private long hits;
  private long total;

  /**
   * An empty count.
   *
   * @param k from 1
   * @param classes the number of scores a sample
   */
  public TopK(int k, int classes) {
    if (k < 1 || classes < 1) {
      throw new IllegalArgumentException(
          "top-k: k " + k + " of " + classes + " classes, expected at least 1 of both");
    }
    this.k = k;
    this.classes = classes;
  }

  /**
   * Counts samples.
   *
   * @param scores samples x classes
   * @param labels the class of each sample
   */
  public void add(float[] scores, int[] labels) {
    if (scores.length != labels.length * classes) {
      throw new IllegalArgumentException(
          "top-k: got "
              + scores.length
              + " scores for "
              + labels.length
              + " labels, expected "
              + classes
              + " a label");
    }
    for (int i = 0; i < labels.length; i++) {
      hits += isHit(scores, i * classes, Objects.checkIndex(labels[i], classes)) ? 1 : 0;
    }
    total += labels.length;
  }

  private boolean isHit(float[] scores, int row, int label) {
    float own = scores[row + label];
    int above = 0;
    for (int c = 0; c < classes; c++) {
      float s = scores[row + c];
      if (Float.isNaN(s)) {
        return false;
      }
      above += s > own || (s == own && c < label) ? 1 : 0;
    }
    return above < k;
  }

  /** k. */
  public int k() {
    return k;
  }

  /** The share of hits; 0 when nothing was counted. */
  public double accuracy() {
    return total == 0 ? 0 : (double) hits / total;
  }
}
