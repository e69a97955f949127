package dev.tilework.metrics;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether a classifier is right as often as it says. The confidence of a prediction is the
 * probability of the class it names. Source of bins and their errors: Guo et al., "On Calibration
 * of Modern Neural Networks", 2017.
 *
 * @param bins of equal width from 0 to 1, by confidence
 * @param expectedError ECE: the mean over samples of the bins' gaps between accuracy and confidence
 * @param maximumError MCE: the largest gap of a bin that has samples
 * @param brierScore the mean over samples of {@code sum_c (p_c - y_c)^2}, from 0 to 2: Brier,
 *     "Verification of forecasts expressed in terms of probability", 1950
 * @param negativeLogLikelihood the mean over samples of {@code -log p} of the true class, in nats;
 *     infinite where one was given the probability 0
 */
@JsonNaming(SnakeCaseStrategy.class)
public record Calibration(
    List<Bin> bins,
    double expectedError,
    double maximumError,
    double brierScore,
    double negativeLogLikelihood) {
  /**
   * The samples whose confidence is above {@code lower} and at most {@code upper}.
   *
   * @param lower end of the bin
   * @param upper end of the bin
   * @param count its samples
   * @param confidence their mean, NaN where there is none
   * @param accuracy the share of them taken for their class, NaN where there is none
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Bin(
      double lower,
      double upper,
      long count,
      @JsonSerialize(using = NanAsNull.Writer.class)
          @JsonDeserialize(using = NanAsNull.Reader.class)
          double confidence,
      @JsonSerialize(using = NanAsNull.Writer.class)
          @JsonDeserialize(using = NanAsNull.Reader.class)
          double accuracy) {}

  /** Copies the bins. */
  public Calibration {
    bins = List.copyOf(bins);
  }

  static Calibration of(Predictions p, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("calibration: " + count + " bins, expected at least 1");
    }
    p.requireSamples("calibration");
    long[] samples = new long[count];
    double[] confidence = new double[count];
    long[] hits = new long[count];
    double brier = 0;
    double likelihood = 0;
    for (int i = 0; i < p.size(); i++) {
      double c = p.confidence(i);
      int bin = Math.clamp((long) Math.ceil(c * count) - 1, 0, count - 1);
      samples[bin]++;
      confidence[bin] += c;
      hits[bin] += p.isHit(i) ? 1 : 0;
      for (int k = 0; k < p.classes().size(); k++) {
        double d = p.probability(i, k) - (k == p.label(i) ? 1 : 0);
        brier += d * d;
      }
      likelihood -= p.logProbability(i, p.label(i));
    }
    List<Bin> bins = new ArrayList<>();
    double expected = 0;
    double maximum = 0;
    for (int b = 0; b < count; b++) {
      long n = samples[b];
      Bin bin =
          new Bin(
              (double) b / count,
              (b + 1.0) / count,
              n,
              n == 0 ? Double.NaN : confidence[b] / n,
              n == 0 ? Double.NaN : (double) hits[b] / n);
      bins.add(bin);
      if (n > 0) {
        double gap = Math.abs(bin.accuracy() - bin.confidence());
        expected += gap * n / p.size();
        maximum = Math.max(maximum, gap);
      }
    }
    return new Calibration(bins, expected, maximum, brier / p.size(), likelihood / p.size());
  }
}
