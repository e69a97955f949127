package dev.tilework.metrics;

import java.util.Arrays;

/** The distinct scores of samples, from the highest, and how many positives each admits. */
final class Thresholds {
  private final double[] thresholds;
  private final long[] hits;
  private final long[] alarms;
  private final int size;

  private Thresholds(double[] thresholds, long[] hits, long[] alarms, int size) {
    this.thresholds = thresholds;
    this.hits = hits;
    this.alarms = alarms;
    this.size = size;
  }

  static Thresholds of(String what, double[] scores, boolean[] positive) {
    int n = scores.length;
    if (n != positive.length) {
      throw new IllegalArgumentException(
          what + ": got " + n + " scores for " + positive.length + " samples");
    }
    double[] of = new double[n]; // positives
    double[] rest = new double[n];
    int p = 0;
    int q = 0;
    for (int i = 0; i < n; i++) {
      if (Double.isNaN(scores[i])) {
        throw new IllegalArgumentException(what + ": the score of sample " + i + " is NaN");
      }
      double s = scores[i] + 0.0; // -0 and 0 are one score
      if (positive[i]) {
        of[p++] = s;
      } else {
        rest[q++] = s;
      }
    }
    Arrays.sort(of, 0, p);
    Arrays.sort(rest, 0, q);
    return merge(of, p, rest, q);
  }

  /** Walks both sorted lists from their ends, the highest scores. */
  private static Thresholds merge(double[] of, int positives, double[] rest, int negatives) {
    double[] thresholds = new double[positives + negatives];
    long[] hits = new long[thresholds.length];
    long[] alarms = new long[thresholds.length];
    int p = positives;
    int q = negatives;
    int size = 0;
    while (p > 0 || q > 0) {
      double t = p == 0 ? rest[q - 1] : q == 0 ? of[p - 1] : Math.max(of[p - 1], rest[q - 1]);
      while (p > 0 && of[p - 1] == t) {
        p--;
      }
      while (q > 0 && rest[q - 1] == t) {
        q--;
      }
      thresholds[size] = t;
      hits[size] = positives - p;
      alarms[size++] = negatives - q;
    }
    return new Thresholds(thresholds, hits, alarms, size);
  }

  int size() {
    return size;
  }

  double threshold(int i) {
    return thresholds[i];
  }

  /** Positives whose score is at least the threshold. */
  long truePositives(int i) {
    return hits[i];
  }

  /** Negatives whose score is at least the threshold. */
  long falsePositives(int i) {
    return alarms[i];
  }

  long positives() {
    return size == 0 ? 0 : hits[size - 1];
  }

  long negatives() {
    return size == 0 ? 0 : alarms[size - 1];
  }
}
