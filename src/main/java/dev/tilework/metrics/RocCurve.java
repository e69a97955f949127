package dev.tilework.metrics;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.ArrayList;
import java.util.List;

/**
 * The receiver operating characteristic of a score that tells one class from the rest: for each
 * threshold the share of positives and of negatives whose score reaches it. Samples of equal score
 * pass a threshold together. Source: Fawcett, "An introduction to ROC analysis", 2006.
 *
 * @param auc the area under the curve: the probability that a positive scores higher than a
 *     negative, ties counted half; NaN when either is missing
 * @param points from (0, 0) to (1, 1), by falling thresholds; none when positives or negatives are
 *     missing
 */
public record RocCurve(
    @JsonSerialize(using = NanAsNull.Writer.class) @JsonDeserialize(using = NanAsNull.Reader.class)
        double auc,
    List<Point> points) {
  /**
   * The rates at a threshold.
   *
   * @param threshold samples whose score is at least this are taken for positive
   * @param falsePositiveRate of the negatives, the share taken for positive
   * @param truePositiveRate of the positives, the share taken for positive: the recall
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  public record Point(double threshold, double falsePositiveRate, double truePositiveRate) {}

  /** Copies the points. */
  public RocCurve {
    points = List.copyOf(points);
  }

  /**
   * The curve of a score.
   *
   * @param scores of the samples, higher where positive is more likely
   * @param positive whether each sample is positive
   * @throws IllegalArgumentException when the lengths differ, or a score is NaN
   */
  public static RocCurve of(double[] scores, boolean[] positive) {
    Thresholds t = Thresholds.of("ROC curve", scores, positive);
    long positives = t.positives();
    long negatives = t.negatives();
    if (positives == 0 || negatives == 0) {
      return new RocCurve(Double.NaN, List.of());
    }
    List<Point> points = new ArrayList<>();
    points.add(new Point(Math.nextUp(t.threshold(0)), 0, 0));
    double area = 0; // in pairs of a positive and a negative
    long hits = 0;
    long alarms = 0;
    for (int i = 0; i < t.size(); i++) {
      area += (t.falsePositives(i) - alarms) * 0.5 * (hits + t.truePositives(i));
      hits = t.truePositives(i);
      alarms = t.falsePositives(i);
      points.add(new Point(t.threshold(i), (double) alarms / negatives, (double) hits / positives));
    }
    return new RocCurve(area / ((double) positives * negatives), points);
  }

  /** This curve with at most so many points, at least 2, spread along it; the area is kept. */
  public RocCurve thinned(int most) {
    return new RocCurve(
        auc, Thinning.of(points, most, Point::falsePositiveRate, Point::truePositiveRate));
  }
}
