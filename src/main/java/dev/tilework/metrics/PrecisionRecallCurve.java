package dev.tilework.metrics;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.ArrayList;
import java.util.List;

/**
 * Precision against recall of a score that tells one class from the rest, for each threshold.
 * Samples of equal score pass a threshold together.
 *
 * @param averagePrecision {@code sum_i (recall_i - recall_{i-1}) precision_i} by falling
 *     thresholds, without interpolation, as in scikit-learn; NaN when there is no positive
 * @param points by falling thresholds; none when there is no positive
 */
@JsonNaming(SnakeCaseStrategy.class)
public record PrecisionRecallCurve(
    @JsonSerialize(using = NanAsNull.Writer.class) @JsonDeserialize(using = NanAsNull.Reader.class)
        double averagePrecision,
    List<Point> points) {
  /**
   * Precision and recall at a threshold.
   *
   * @param threshold samples whose score is at least this are taken for positive
   * @param recall of the positives, the share taken for positive
   * @param precision of the samples taken for positive, the share that is
   */
  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  public record Point(double threshold, double recall, double precision) {}

  /** Copies the points. */
  public PrecisionRecallCurve {
    points = List.copyOf(points);
  }

  /**
   * The curve of a score.
   *
   * @param scores of the samples, higher where positive is more likely
   * @param positive whether each sample is positive
   * @throws IllegalArgumentException when the lengths differ, or a score is NaN
   */
  public static PrecisionRecallCurve of(double[] scores, boolean[] positive) {
    Thresholds t = Thresholds.of("precision-recall curve", scores, positive);
    if (t.positives() == 0) {
      return new PrecisionRecallCurve(Double.NaN, List.of());
    }
    List<Point> points = new ArrayList<>();
    double sum = 0;
    long before = 0;
    for (int i = 0; i < t.size(); i++) {
      long hits = t.truePositives(i);
      double precision = (double) hits / (hits + t.falsePositives(i));
      sum += (hits - before) * precision;
      before = hits;
      points.add(new Point(t.threshold(i), (double) hits / t.positives(), precision));
    }
    return new PrecisionRecallCurve(sum / t.positives(), points);
  }

  /**
   * This curve with at most so many points, at least 2, spread along it; the average precision is
   * kept.
   */
  public PrecisionRecallCurve thinned(int most) {
    return new PrecisionRecallCurve(
        averagePrecision, Thinning.of(points, most, Point::recall, Point::precision));
  }
}
