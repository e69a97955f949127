package dev.tilework.metrics;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An {@link EvaluationReport} as a table of classes and lines of numbers below. */
final class ReportText {
  private ReportText() {}

  static String of(EvaluationReport r) {
    ClassificationReport s = r.scores();
    int width = "weighted average".length();
    for (ClassificationReport.Score c : s.classes()) {
      width = Math.max(width, c.name().length());
    }
    StringBuilder b = new StringBuilder();
    b.append(
        String.format(
            "%-" + width + "s  %9s  %9s  %9s  %9s  %9s  %9s%n",
            "",
            "precision",
            "recall",
            "F1",
            "AUC",
            "AP",
            "images"));
    for (int c = 0; c < s.classes().size(); c++) {
      EvaluationReport.Curves k = r.curves().get(c);
      row(b, width, s.classes().get(c), k.roc().auc(), k.precisionRecall().averagePrecision());
    }
    row(b, width, s.macro(), r.macroAuc(), r.meanAveragePrecision());
    for (ClassificationReport.Score average : List.of(s.micro(), s.weighted())) {
      row(b, width, average, Double.NaN, Double.NaN);
    }
    b.append(String.format(Locale.ROOT, "%naccuracy %.2f%%", 100 * r.accuracy()));
    for (Map.Entry<Integer, Double> top : r.topK().tailMap(2).entrySet()) {
      b.append(String.format(Locale.ROOT, "   top-%d %.2f%%", top.getKey(), 100 * top.getValue()));
    }
    Calibration c = r.calibration();
    b.append(
        String.format(
            Locale.ROOT,
            "%nnegative log likelihood %.4f   Brier score %.4f   calibration error: expected %.4f,"
                + " maximum %.4f%n",
            c.negativeLogLikelihood(),
            c.brierScore(),
            c.expectedError(),
            c.maximumError()));
    return b.toString();
  }

  private static void row(
      StringBuilder b, int width, ClassificationReport.Score s, double auc, double ap) {
    b.append(
        String.format(
            Locale.ROOT,
            "%-" + width + "s  %9.4f  %9.4f  %9.4f  %9s  %9s  %9d%n",
            s.name(),
            s.precision(),
            s.recall(),
            s.f1(),
            number(auc),
            number(ap),
            s.support()));
  }

  private static String number(double v) {
    return Double.isNaN(v) ? "-" : String.format(Locale.ROOT, "%.4f", v);
  }
}
