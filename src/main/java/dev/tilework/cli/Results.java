package dev.tilework.cli;

import dev.tilework.metrics.ClassificationReport;
import dev.tilework.train.Evaluation;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How the measures of an evaluation are shown and named in JSON; averages are over classes. */
final class Results {
  private Results() {}

  static void print(PrintWriter out, Evaluation e) {
    ClassificationReport r = e.confusion().report();
    out.println();
    out.print(r);
    out.printf(
        Locale.ROOT,
        "%nloss %.4f   accuracy %.2f%%   precision %.4f   recall %.4f   F1 %.4f   top-5 %.2f%%%n",
        e.loss(),
        100 * e.accuracy(),
        r.macro().precision(),
        r.macro().recall(),
        r.macro().f1(),
        100 * e.topFive());
  }

  static Map<String, Object> of(Evaluation e) {
    ClassificationReport r = e.confusion().report();
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("accuracy", e.accuracy());
    m.put("precision", r.macro().precision());
    m.put("recall", r.macro().recall());
    m.put("f1", r.macro().f1());
    m.put("loss", e.loss());
    m.put("top5", e.topFive());
    m.put("images", e.images());
    m.put("classes", r.classes());
    return m;
  }
}
