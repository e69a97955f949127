package dev.tilework.report;

import dev.tilework.metrics.Calibration;
import java.util.List;
import java.util.Locale;

/** The reliability diagram, and below it how the confidences are spread. */
final class CalibrationPlots {
  private CalibrationPlots() {}

  static Markup of(Calibration c) {
    Markup m = new Markup();
    m.open("div", "class", "pair");
    m.open("figure").element("h3", "Reliability").add(reliability(c));
    m.open("figcaption")
        .element(
            "p",
            "Bars show how often predictions of a confidence are right. On the diagonal the two are"
                + " equal; the gap is red.")
        .close("figcaption")
        .close("figure");
    m.open("figure").element("h3", "Confidence").add(spread(c));
    m.open("figcaption")
        .element("p", "The share of images by the confidence of their prediction.")
        .close("figcaption")
        .close("figure");
    m.close("div");
    m.open("dl", "class", "facts");
    fact(m, "Expected calibration error", c.expectedError());
    fact(m, "Maximum calibration error", c.maximumError());
    fact(m, "Brier score", c.brierScore());
    fact(m, "Negative log likelihood", c.negativeLogLikelihood());
    return m.close("dl");
  }

  private static void fact(Markup m, String name, double value) {
    m.open("div").element("dt", name).element("dd", Markup.measure(value)).close("div");
  }

  private static Markup reliability(Calibration c) {
    Plot p =
        new Plot(
            "Reliability diagram",
            "The expected calibration error is " + Markup.measure(c.expectedError()),
            0,
            1,
            0,
            1);
    p.axes("confidence", "accuracy", Plot.fifths(), Plot.fifths());
    for (Calibration.Bin b : c.bins()) {
      if (b.count() > 0) {
        String text =
            String.format(
                Locale.ROOT,
                "%d images, confidence %.3f, accuracy %.3f",
                b.count(),
                b.confidence(),
                b.accuracy());
        p.bar("solid", b.lower(), b.upper(), 0, b.accuracy(), text);
        p.bar("gap", b.lower(), b.upper(), b.accuracy(), b.confidence(), text);
      }
    }
    return p.line("guide", new double[] {0, 1}, new double[] {0, 1}).svg();
  }

  private static Markup spread(Calibration c) {
    long total = c.bins().stream().mapToLong(Calibration.Bin::count).sum();
    double most =
        c.bins().stream().mapToDouble(b -> (double) b.count() / total).max().orElseThrow();
    double top = Math.ceil(most * 10) / 10;
    Plot p = new Plot("Histogram of confidences", "In " + c.bins().size() + " bins", 0, 1, 0, top);
    List<Double> ticks = Plot.ticks(0, top, false);
    p.axes("confidence", "share of images", Plot.fifths(), ticks);
    for (Calibration.Bin b : c.bins()) {
      if (b.count() > 0) {
        p.bar("solid", b.lower(), b.upper(), 0, (double) b.count() / total, b.count() + " images");
      }
    }
    return p.svg();
  }
}
