package dev.tilework.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Precision, recall and F1 of each class and their averages; see {@link ConfusionMatrix} for ratios
 * whose denominator is 0.
 *
 * @param accuracy the share of samples taken for their class
 * @param classes one score for each class
 * @param macro the plain mean over all classes
 * @param micro of all samples and classes together; where each sample has one class and is taken
 *     for one, all three are the accuracy
 * @param weighted the mean over classes, each weighted by its samples
 */
public record ClassificationReport(
    double accuracy, List<Score> classes, Score macro, Score micro, Score weighted) {
  /**
   * The scores of a class, or an average of them.
   *
   * @param name of the class or the average
   * @param precision of the samples taken for the class, the share that is of it
   * @param recall of the samples of the class, the share taken for it
   * @param f1 the harmonic mean of the two
   * @param support the samples
   */
  public record Score(String name, double precision, double recall, double f1, long support) {}

  /** Copies the scores. */
  public ClassificationReport {
    classes = List.copyOf(classes);
  }

  static ClassificationReport of(ConfusionMatrix m) {
    List<Score> scores = new ArrayList<>();
    for (int c = 0; c < m.classes().size(); c++) {
      scores.add(new Score(m.classes().get(c), m.precision(c), m.recall(c), m.f1(c), m.support(c)));
    }
    return new ClassificationReport(
        m.accuracy(),
        scores,
        average("macro average", scores, m.total(), false),
        new Score("micro average", m.accuracy(), m.accuracy(), m.accuracy(), m.total()),
        average("weighted average", scores, m.total(), true));
  }

  private static Score average(String name, List<Score> scores, long total, boolean weighted) {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    double weights = 0;
    for (Score s : scores) {
      double w = weighted ? s.support() : 1;
      precision += w * s.precision();
      recall += w * s.recall();
      f1 += w * s.f1();
      weights += w;
    }
    double d = weights == 0 ? 1 : weights;
    return new Score(name, precision / d, recall / d, f1 / d, total);
  }

  /** A table for people. */
  @Override
  public String toString() {
    List<Score> averages = List.of(macro, micro, weighted);
    int width = "weighted average".length();
    for (Score s : classes) {
      width = Math.max(width, s.name().length());
    }
    String row = "%-" + width + "s  %9.4f  %9.4f  %9.4f  %9d%n";
    StringBuilder b = new StringBuilder();
    b.append(
        String.format(
            "%-" + width + "s  %9s  %9s  %9s  %9s%n", "", "precision", "recall", "F1", "images"));
    for (List<Score> part : List.of(classes, averages)) {
      for (Score s : part) {
        b.append(
            String.format(
                Locale.ROOT, row, s.name(), s.precision(), s.recall(), s.f1(), s.support()));
      }
    }
    b.append(
        String.format(
            Locale.ROOT,
            "%-" + width + "s  %9.4f  %9s  %9s  %9d%n",
            "accuracy",
            accuracy,
            "",
            "",
            macro.support()));
    return b.toString();
  }
}
