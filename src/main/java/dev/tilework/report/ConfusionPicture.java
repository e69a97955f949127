package dev.tilework.report;

import dev.tilework.metrics.EvaluationReport;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The confusion matrix, and the pairs of classes that are confused most. */
final class ConfusionPicture {
  /** Up to so many classes each cell has its number; beyond, it is a pixel. */
  private static final int NUMBERED = 30;

  private static final int PAIRS = 10;
  private static final double CELL = 44;
  private static final int NAME = 16;
  private static final int HIT = 0x2563EB;
  private static final int MISS = 0xDC2626;
  private static final int NONE = 0xF4F6FA;

  private record Pair(int label, int prediction, long count, double share) {}

  private ConfusionPicture() {}

  static Markup of(EvaluationReport r) {
    Markup m = new Markup();
    m.open("figure", "class", "wide");
    if (r.classes().size() <= NUMBERED) {
      m.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", "Matrix");
      cells(m, r);
      m.close("div");
    } else {
      pixels(m, r);
    }
    m.open("figcaption")
        .element(
            "p",
            "Rows are true classes, columns predicted ones. The colour is the share of the row: blue"
                + " for hits, red for mistakes.")
        .close("figcaption")
        .close("figure");
    pairs(m, r);
    return m;
  }

  private static void cells(Markup m, EvaluationReport r) {
    List<String> names = r.classes().stream().map(ConfusionPicture::shortened).toList();
    int n = names.size();
    int longest = names.stream().mapToInt(String::length).max().orElse(0);
    double margin = 34 + 7.5 * longest;
    double head = 34 + 6 * longest;
    double width = margin + n * CELL + 10 + 5 * longest;
    double height = head + n * CELL + 10;
    m.open(
        "svg",
        "viewBox",
        "0 0 " + Markup.number(width) + " " + Markup.number(height),
        "style",
        "width:" + Markup.number(width) + "px",
        "role",
        "img",
        "class",
        "matrix",
        "aria-label",
        "Confusion matrix of " + n + " classes. The accuracy is " + Markup.percent(r.accuracy()));
    m.element("text", "predicted", "class", "axis middle", "x", margin + n * CELL / 2, "y", 14);
    String turned = "translate(14 " + Markup.number(head + n * CELL / 2) + ") rotate(-90)";
    m.element("text", "true", "class", "axis middle", "transform", turned);
    for (int i = 0; i < n; i++) {
      double x = margin + (i + 0.5) * CELL;
      String up = "translate(" + Markup.number(x) + " " + Markup.number(head - 8) + ") rotate(-50)";
      m.element("text", names.get(i), "class", "name", "transform", up);
      double y = head + (i + 0.5) * CELL + 4;
      m.element("text", names.get(i), "class", "name end", "x", margin - 8, "y", y);
    }
    for (int label = 0; label < n; label++) {
      for (int prediction = 0; prediction < n; prediction++) {
        cell(m, r, label, prediction, margin + prediction * CELL, head + label * CELL);
      }
    }
    m.close("svg").line();
  }

  private static void cell(
      Markup m, EvaluationReport r, int label, int prediction, double x, double y) {
    long count = r.confusion().get(label).get(prediction);
    double share = share(r, label, prediction);
    String kind = count == 0 ? "cell none" : label == prediction ? "cell hit" : "cell miss";
    m.open("g").element("title", describe(r, label, prediction));
    m.empty(
        "rect",
        "class",
        kind,
        "x",
        x + 1,
        "y",
        y + 1,
        "width",
        CELL - 2,
        "height",
        CELL - 2,
        "rx",
        4.0,
        "fill-opacity",
        count == 0 ? null : (Object) (0.08 + 0.5 * strength(share, label == prediction)));
    if (count > 0) {
      m.element(
          "text",
          Long.toString(count),
          "class",
          "count middle",
          "x",
          x + CELL / 2,
          "y",
          y + CELL / 2 + 5);
    }
    m.close("g");
  }

  private static void pixels(Markup m, EvaluationReport r) {
    int n = r.classes().size();
    BufferedImage image = new BufferedImage(n, n, BufferedImage.TYPE_INT_RGB);
    for (int label = 0; label < n; label++) {
      for (int prediction = 0; prediction < n; prediction++) {
        double s = strength(share(r, label, prediction), label == prediction);
        int full = label == prediction ? HIT : MISS;
        image.setRGB(prediction, label, Pixels.blend(NONE, full, s));
      }
    }
    m.empty(
        "img",
        "class",
        "matrix pixels",
        "src",
        Pixels.png(image),
        "alt",
        "Confusion matrix of " + n + " classes. The accuracy is " + Markup.percent(r.accuracy()));
  }

  private static void pairs(Markup m, EvaluationReport r) {
    List<Pair> all = new ArrayList<>();
    int n = r.classes().size();
    for (int label = 0; label < n; label++) {
      for (int prediction = 0; prediction < n; prediction++) {
        long count = r.confusion().get(label).get(prediction);
        if (label != prediction && count > 0) {
          all.add(new Pair(label, prediction, count, share(r, label, prediction)));
        }
      }
    }
    if (all.isEmpty()) {
      m.element("p", "No class was taken for another.");
      return;
    }
    m.element("h3", "Confused most often").open("ol", "class", "pairs");
    all.stream()
        .sorted(Comparator.comparingLong((Pair p) -> -p.count))
        .limit(PAIRS)
        .forEach(
            p ->
                m.open("li")
                    .element("bdi", r.classes().get(p.label))
                    .text(" taken for ")
                    .element("bdi", r.classes().get(p.prediction))
                    .element("b", p.count + (p.count == 1 ? " image" : " images"))
                    .element("small", Markup.percent(p.share) + " of its class")
                    .close("li"));
    m.close("ol");
  }

  private static String describe(EvaluationReport r, int label, int prediction) {
    return r.confusion().get(label).get(prediction)
        + " of class "
        + r.classes().get(label)
        + " taken for "
        + r.classes().get(prediction)
        + " ("
        + Markup.percent(share(r, label, prediction))
        + ")";
  }

  private static double share(EvaluationReport r, int label, int prediction) {
    long all = r.scores().classes().get(label).support();
    return all == 0 ? 0 : (double) r.confusion().get(label).get(prediction) / all;
  }

  /** Mistakes are rare: their root makes them visible. */
  private static double strength(double share, boolean hit) {
    return hit ? share : Math.sqrt(share);
  }

  private static String shortened(String name) {
    return name.codePointCount(0, name.length()) <= NAME
        ? name
        : name.substring(0, name.offsetByCodePoints(0, NAME - 1)) + "…";
  }
}
