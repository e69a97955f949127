package dev.tilework.metrics;

import java.util.List;
import java.util.Objects;

/**
 * How often samples of each class were taken for each class. Rows are the true classes, columns the
 * predicted ones.
 *
 * <p>A ratio whose denominator is 0 is 0, as in scikit-learn's {@code zero_division=0}: the
 * precision of a class that was never predicted, the recall of a class without samples, and the F1
 * of a class that has neither.
 */
public final class ConfusionMatrix {
  private final List<String> classes;
  private final long[][] counts;

  /** An empty matrix. */
  public ConfusionMatrix(List<String> classes) {
    if (classes.isEmpty()) {
      throw new IllegalArgumentException("confusion matrix: got no classes");
    }
    this.classes = List.copyOf(classes);
    this.counts = new long[classes.size()][classes.size()];
  }

  /**
   * Counts a sample.
   *
   * @param label its true class
   * @param prediction the class it was taken for
   */
  public void add(int label, int prediction) {
    counts[Objects.checkIndex(label, counts.length)][
        Objects.checkIndex(prediction, counts.length)]++;
  }

  /** Counts samples. */
  public void add(int[] labels, int[] predictions) {
    if (labels.length != predictions.length) {
      throw new IllegalArgumentException(
          "confusion matrix: got "
              + labels.length
              + " labels and "
              + predictions.length
              + " predictions");
    }
    for (int i = 0; i < labels.length; i++) {
      add(labels[i], predictions[i]);
    }
  }

  /** The names of the classes. */
  public List<String> classes() {
    return classes;
  }

  /** How many samples of class {@code label} were taken for class {@code prediction}. */
  public long count(int label, int prediction) {
    return counts[label][prediction];
  }

  /** All samples. */
  public long total() {
    long n = 0;
    for (int c = 0; c < counts.length; c++) {
      n += support(c);
    }
    return n;
  }

  /** The samples of a class. */
  public long support(int label) {
    long n = 0;
    for (long v : counts[label]) {
      n += v;
    }
    return n;
  }

  /** The samples taken for a class. */
  public long predicted(int prediction) {
    long n = 0;
    for (long[] row : counts) {
      n += row[prediction];
    }
    return n;
  }

  /** The share of samples taken for their class. */
  public double accuracy() {
    long hits = 0;
    for (int c = 0; c < counts.length; c++) {
      hits += counts[c][c];
    }
    return ratio(hits, total());
  }

  /** Of the samples taken for a class, the share that is of it. */
  public double precision(int c) {
    return ratio(counts[c][c], predicted(c));
  }

  /** Of the samples of a class, the share taken for it. */
  public double recall(int c) {
    return ratio(counts[c][c], support(c));
  }

  /** The harmonic mean of precision and recall: 2 hits / (support + predicted). */
  public double f1(int c) {
    return ratio(2 * counts[c][c], support(c) + predicted(c));
  }

  /** Precision, recall and F1 by class and averaged. */
  public ClassificationReport report() {
    return ClassificationReport.of(this);
  }

  private static double ratio(long a, long b) {
    return b == 0 ? 0 : (double) a / b;
  }
}
