package dev.tilework.report;

import dev.tilework.metrics.EvaluationReport;
import dev.tilework.metrics.EvaluationReport.Curves;
import dev.tilework.metrics.PrecisionRecallCurve;
import dev.tilework.metrics.RocCurve;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** ROC and precision-recall curves side by side. */
final class CurvePlots {
  /** More lines than that cannot be told apart: then the worst are drawn. */
  private static final int MOST = 10;

  private CurvePlots() {}

  static Markup of(EvaluationReport r) {
    Markup m = new Markup();
    m.open("div", "class", "pair");
    roc(m, r);
    precisionRecall(m, r);
    return m.close("div");
  }

  private static void roc(Markup m, EvaluationReport r) {
    List<Curves> drawn = drawn(r, c -> c.roc().auc());
    Plot p =
        new Plot(
            "ROC curves of each class against the rest",
            "The mean area under them is " + Markup.measure(r.macroAuc()),
            0,
            1,
            0,
            1);
    p.axes("false positive rate", "true positive rate", Plot.fifths(), Plot.fifths());
    p.line("guide", new double[] {0, 1}, new double[] {0, 1});
    for (int i = 0; i < drawn.size(); i++) {
      List<RocCurve.Point> points = drawn.get(i).roc().points();
      p.line(
          style(i),
          points.stream().mapToDouble(RocCurve.Point::falsePositiveRate).toArray(),
          points.stream().mapToDouble(RocCurve.Point::truePositiveRate).toArray());
    }
    m.open("figure").element("h3", "ROC, one class against the rest").add(p.svg());
    caption(m, r, drawn, "area", c -> c.roc().auc(), r.macroAuc());
  }

  private static void precisionRecall(Markup m, EvaluationReport r) {
    List<Curves> drawn = drawn(r, c -> c.precisionRecall().averagePrecision());
    Plot p =
        new Plot(
            "Precision-recall curves of each class against the rest",
            "The mean average precision is " + Markup.measure(r.meanAveragePrecision()),
            0,
            1,
            0,
            1);
    p.axes("recall", "precision", Plot.fifths(), Plot.fifths());
    for (int i = 0; i < drawn.size(); i++) {
      steps(p, style(i), drawn.get(i).precisionRecall().points());
    }
    m.open("figure").element("h3", "Precision and recall").add(p.svg());
    caption(
        m,
        r,
        drawn,
        "average precision",
        c -> c.precisionRecall().averagePrecision(),
        r.meanAveragePrecision());
  }

  /** As the average precision sums it: from one recall to the next at the latter's precision. */
  private static void steps(Plot p, String style, List<PrecisionRecallCurve.Point> points) {
    double[] x = new double[2 * points.size()];
    double[] y = new double[x.length];
    for (int i = 0; i < points.size(); i++) {
      x[2 * i] = i == 0 ? 0 : points.get(i - 1).recall();
      x[2 * i + 1] = points.get(i).recall();
      y[2 * i] = points.get(i).precision();
      y[2 * i + 1] = points.get(i).precision();
    }
    p.line(style, x, y);
  }

  private static List<Curves> drawn(EvaluationReport r, ToDoubleFunction<Curves> measure) {
    List<Curves> defined =
        r.curves().stream().filter(c -> !Double.isNaN(measure.applyAsDouble(c))).toList();
    if (defined.size() <= MOST) {
      return defined;
    }
    return defined.stream().sorted(Comparator.comparingDouble(measure)).limit(MOST).toList();
  }

  /** Beyond the colours there are, lines are dashed. */
  private static String style(int i) {
    return "series c" + i % Plot.COLOURS + (i < Plot.COLOURS ? "" : " dashed");
  }

  private static void caption(
      Markup m,
      EvaluationReport r,
      List<Curves> drawn,
      String what,
      ToDoubleFunction<Curves> measure,
      double mean) {
    m.open("figcaption");
    String classes =
        drawn.size() < r.curves().size() && drawn.size() == MOST
            ? "The " + MOST + " lowest of " + r.curves().size() + " classes. "
            : "";
    m.element("p", classes + "Mean " + what + ": " + Markup.measure(mean));
    m.open("ul", "class", "legend");
    IntStream.range(0, drawn.size())
        .forEach(
            i ->
                m.open("li")
                    .element("i", "", "class", "swatch " + style(i).replace("series ", ""))
                    .element("bdi", drawn.get(i).name())
                    .text(" ")
                    .element("b", Markup.measure(measure.applyAsDouble(drawn.get(i))))
                    .close("li"));
    m.close("ul").close("figcaption").close("figure");
  }
}
