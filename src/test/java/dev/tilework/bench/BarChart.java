package dev.tilework.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Groups of horizontal bars as an SVG: the same bytes for the same numbers, on every machine. */
public final class BarChart {
  private static final List<String> COLOURS = List.of("#1f77b4", "#e6700f", "#2f8f4e", "#8a5fb0");
  private static final int LEAST_LEFT = 150;
  private static final int LETTER = 6;
  private static final int WIDTH = 520;
  private static final int BAR = 9;
  private static final int GAP = 7;
  private static final int TOP = 62;
  private static final int LINES = 4;

  private final String title;
  private final String unit;
  private final List<String> series;
  private final List<Group> groups = new ArrayList<>();

  private record Group(String name, Double[] values) {}

  /**
   * An empty one.
   *
   * @param unit what the numbers are, at the axis
   * @param series the names of a group's bars, four at most
   */
  public BarChart(String title, String unit, List<String> series) {
    if (series.isEmpty() || series.size() > COLOURS.size()) {
      throw new IllegalArgumentException("bar chart: " + series + "; expected one to four series");
    }
    this.title = title;
    this.unit = unit;
    this.series = List.copyOf(series);
  }

  /**
   * Adds bars.
   *
   * @param values one for each series; null for none
   */
  public void add(String name, Double... values) {
    if (values.length != series.size()) {
      throw new IllegalArgumentException(name + ": " + values.length + " values for " + series);
    }
    groups.add(new Group(name, values));
  }

  /** The picture. */
  public String svg() {
    double most = 0;
    int left = LEAST_LEFT;
    for (Group g : groups) {
      left = Math.max(left, LETTER * g.name().length() + 2 * LETTER);
      for (Double v : g.values()) {
        most = v == null ? most : Math.max(most, v);
      }
    }
    double end = most > 0 ? roundUp(most) : 1;
    int each = series.size() * BAR + GAP;
    int bottom = TOP + groups.size() * each;
    StringBuilder s = new StringBuilder();
    s.append(
        text(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                + " font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\">%n",
            left + WIDTH + 40, bottom + 40));
    s.append(text("  <title>%s</title>%n", escape(title)));
    s.append("  <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    s.append(
        text(
            "  <text x=\"%d\" y=\"20\" font-size=\"14\" fill=\"#222\">%s</text>%n",
            left, escape(title)));
    for (int i = 0; i < series.size(); i++) {
      int x = left + i * 130;
      s.append(
          text(
              "  <rect x=\"%d\" y=\"32\" width=\"10\" height=\"10\" fill=\"%s\"/>"
                  + "<text x=\"%d\" y=\"41\" fill=\"#333\">%s</text>%n",
              x, COLOURS.get(i), x + 15, escape(series.get(i))));
    }
    for (int i = 0; i <= LINES; i++) {
      double x = left + WIDTH * (double) i / LINES;
      s.append(
          text(
              "  <path d=\"M%.1f %d V%d\" stroke=\"#ddd\"/>"
                  + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#333\">%s</text>%n",
              x, TOP - 6, bottom, x, bottom + 14, number(end * i / LINES)));
    }
    s.append(
        text(
            "  <text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#333\">%s</text>%n",
            left + WIDTH / 2.0, bottom + 30, escape(unit)));
    for (int i = 0; i < groups.size(); i++) {
      bars(s, groups.get(i), left, TOP + i * each, end);
    }
    return s.append("</svg>\n").toString();
  }

  private void bars(StringBuilder s, Group g, int left, int y, double end) {
    s.append(
        text(
            "  <text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#333\">%s</text>%n",
            left - 6, y + series.size() * BAR / 2.0 + 4, escape(g.name())));
    for (int i = 0; i < series.size(); i++) {
      if (g.values()[i] != null) {
        s.append(
            text(
                "  <rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                left, y + i * BAR, WIDTH * g.values()[i] / end, BAR - 1, COLOURS.get(i)));
      }
    }
  }

  /** To a number of which quarters are easy to read. */
  private static double roundUp(double value) {
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double digit : new double[] {1, 1.2, 1.6, 2, 2.4, 2.8, 3.2, 4, 6, 8}) {
      if (value <= digit * power) {
        return digit * power;
      }
    }
    return 10 * power;
  }

  private static String number(double v) {
    return v == Math.rint(v) ? Long.toString((long) v) : text("%.3g", v);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).replace("\r", "");
  }

  private static String escape(String s) {
    return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
