package dev.tilework.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Every measure of a classifier on a data set. As text by {@link #toString}, as JSON by {@link
 * #toJson}.
 *
 * @param images the samples
 * @param scores precision, recall and F1 of each class and averaged
 * @param topK for some k the share of samples whose class is among the k most probable
 * @param curves of each class against the rest
 * @param macroAuc the mean of the areas under the ROC curves, of the classes that have one; NaN
 *     where none has
 * @param meanAveragePrecision the mean of the average precisions, of the classes that have samples
 * @param calibration how far the probabilities can be relied on
 * @param confusion rows for true classes, columns for predicted ones
 */
@JsonNaming(SnakeCaseStrategy.class)
public record EvaluationReport(
    long images,
    ClassificationReport scores,
    SortedMap<Integer, Double> topK,
    List<Curves> curves,
    @JsonSerialize(using = NanAsNull.Writer.class) @JsonDeserialize(using = NanAsNull.Reader.class)
        double macroAuc,
    double meanAveragePrecision,
    Calibration calibration,
    List<List<Long>> confusion) {
  private static final List<Integer> KS = List.of(1, 3, 5);
  private static final int BINS = 15;

  /** More points than that add to the size of a file and not to what it tells. */
  private static final int POINTS = 100;

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * A class against the rest.
   *
   * @param name of the class
   * @param roc of at most 100 points
   * @param precisionRecall of at most 100 points
   */
  @JsonNaming(SnakeCaseStrategy.class)
  public record Curves(String name, RocCurve roc, PrecisionRecallCurve precisionRecall) {}

  /** Copies the lists. */
  public EvaluationReport {
    topK = Collections.unmodifiableSortedMap(new TreeMap<>(topK));
    curves = List.copyOf(curves);
    confusion = confusion.stream().map(List::copyOf).toList();
  }

  static EvaluationReport of(Predictions p) {
    p.requireSamples("evaluation report");
    int n = p.classes().size();
    SortedMap<Integer, Double> top = new TreeMap<>();
    KS.stream().filter(k -> k == 1 || k < n).forEach(k -> top.put(k, p.topK(k)));
    List<Curves> curves = new ArrayList<>();
    for (int c = 0; c < n; c++) {
      curves.add(
          new Curves(
              p.classes().get(c), p.roc(c).thinned(POINTS), p.precisionRecall(c).thinned(POINTS)));
    }
    ConfusionMatrix m = p.confusion();
    List<List<Long>> counts = new ArrayList<>();
    for (int label = 0; label < n; label++) {
      int row = label;
      counts.add(IntStream.range(0, n).mapToObj(c -> m.count(row, c)).toList());
    }
    return new EvaluationReport(
        p.size(),
        m.report(),
        top,
        curves,
        mean(curves, c -> c.roc().auc()),
        mean(curves, c -> c.precisionRecall().averagePrecision()),
        p.calibration(BINS),
        counts);
  }

  /** Over the classes that have the number. */
  private static double mean(List<Curves> curves, ToDoubleFunction<Curves> number) {
    return curves.stream()
        .mapToDouble(number)
        .filter(v -> !Double.isNaN(v))
        .average()
        .orElse(Double.NaN);
  }

  /** The share of samples taken for their class. */
  public double accuracy() {
    return scores.accuracy();
  }

  /** The names of the classes. */
  public List<String> classes() {
    return curves.stream().map(Curves::name).toList();
  }

  /** As JSON; what is undefined, such as the AUC of a class without samples, is null. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an evaluation report cannot be written as JSON", e);
    }
  }

  /**
   * From what {@link #toJson} gave.
   *
   * @throws IllegalArgumentException when it is something else
   */
  public static EvaluationReport fromJson(String json) {
    try {
      return JSON.readValue(json, EvaluationReport.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not the JSON of an evaluation report: " + e.getOriginalMessage(), e);
    }
  }

  /** Tables for people. */
  @Override
  public String toString() {
    return ReportText.of(this);
  }
}
