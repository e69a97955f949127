package dev.tilework.cli;

import dev.tilework.metrics.ClassificationReport;
import dev.tilework.metrics.EvaluationReport;
import dev.tilework.train.Evaluation;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/** How the measures of an evaluation are shown and named in JSON; averages are over classes. */
final class Results {
  private Results() {}

  static void print(PrintWriter out, EvaluationReport r) {
    out.println();
    out.print(r);
  }

  static Map<String, Object> of(Evaluation e, EvaluationReport r) {
    ClassificationReport s = r.scores();
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("accuracy", e.accuracy());
    m.put("precision", s.macro().precision());
    m.put("recall", s.macro().recall());
    m.put("f1", s.macro().f1());
    m.put("loss", e.loss());
    m.put("top5", e.topFive());
    m.put("images", e.images());
    m.put("classes", s.classes());
    m.put("report", r);
    return m;
  }
}
