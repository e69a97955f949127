package dev.tilework.report;

import dev.tilework.metrics.ClassificationReport.Score;
import dev.tilework.metrics.EvaluationReport;
import java.util.List;

/** Precision, recall, F1, AUC and average precision of each class and averaged. */
final class ClassTable {
  private static final List<String> HEADS =
      List.of("Class", "Images", "Precision", "Recall", "F1", "AUC", "AP");

  private ClassTable() {}

  static Markup of(EvaluationReport r) {
    Markup m = new Markup();
    m.open(
        "div", "class", "scroll tall", "tabindex", "0", "role", "region", "aria-label", "Classes");
    m.open("table").element("caption", "Measures of each class", "class", "unseen");
    m.open("thead").open("tr");
    HEADS.forEach(h -> m.element("th", h, "scope", "col"));
    m.close("tr").close("thead").line().open("tbody");
    List<Score> classes = r.scores().classes();
    for (int c = 0; c < classes.size(); c++) {
      EvaluationReport.Curves k = r.curves().get(c);
      row(m, classes.get(c), k.roc().auc(), k.precisionRecall().averagePrecision());
    }
    m.close("tbody").open("tfoot");
    row(m, r.scores().macro(), r.macroAuc(), r.meanAveragePrecision());
    row(m, r.scores().micro(), Double.NaN, Double.NaN);
    row(m, r.scores().weighted(), Double.NaN, Double.NaN);
    return m.close("tfoot").close("table").close("div").line();
  }

  private static void row(Markup m, Score s, double auc, double ap) {
    m.open("tr").open("th", "scope", "row").element("bdi", s.name()).close("th");
    m.element("td", Long.toString(s.support()));
    for (double v : new double[] {s.precision(), s.recall(), s.f1(), auc, ap}) {
      m.open(
          "td",
          "class",
          "bar",
          "style",
          Double.isNaN(v) ? null : "--v:" + Markup.number(100 * v) + "%");
      m.text(Markup.measure(v)).close("td");
    }
    m.close("tr").line();
  }
}
