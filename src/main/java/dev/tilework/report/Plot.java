package dev.tilework.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines over two axes as inline SVG, whose colours come from the page's style sheet. */
final class Plot {
  static final int COLOURS = 8;
  private static final double WIDTH = 460;
  private static final double HEIGHT = 340;
  private static final double LEFT = 54;
  private static final double RIGHT = 12;
  private static final double TOP = 12;
  private static final double BOTTOM = 44;
  private static final int TICKS = 5;

  private final Markup body = new Markup();
  private final Markup axes = new Markup();
  private final double minX;
  private final double maxX;
  private final double minY;
  private final double maxY;
  private final String title;
  private final String description;

  /** Axes from the lowest to the highest value. */
  Plot(String title, String description, double minX, double maxX, double minY, double maxY) {
    this.title = title;
    this.description = description;
    this.minX = minX;
    this.maxX = maxX > minX ? maxX : minX + 1;
    this.minY = minY;
    this.maxY = maxY > minY ? maxY : minY + 1;
  }

  /** Draws grid and numbers. */
  Plot axes(String nameX, String nameY, List<Double> ticksX, List<Double> ticksY) {
    for (double t : ticksY) {
      axes.empty("line", "class", "grid", "x1", LEFT, "x2", WIDTH - RIGHT, "y1", y(t), "y2", y(t));
      axes.element("text", tick(t), "class", "tick end", "x", LEFT - 8, "y", y(t) + 4);
    }
    for (double t : ticksX) {
      axes.empty("line", "class", "grid", "x1", x(t), "x2", x(t), "y1", TOP, "y2", HEIGHT - BOTTOM);
      axes.element("text", tick(t), "class", "tick middle", "x", x(t), "y", HEIGHT - BOTTOM + 18);
    }
    axes.element(
        "text", nameX, "class", "axis middle", "x", (LEFT + WIDTH - RIGHT) / 2, "y", HEIGHT - 6);
    double middle = (TOP + HEIGHT - BOTTOM) / 2;
    axes.element(
        "text",
        nameY,
        "class",
        "axis middle",
        "transform",
        "translate(13 " + Markup.number(middle) + ") rotate(-90)");
    return this;
  }

  /** A line; a point that is not finite interrupts it. */
  Plot line(String kind, double[] xs, double[] ys) {
    StringBuilder path = new StringBuilder();
    boolean drawing = false;
    for (int i = 0; i < xs.length; i++) {
      if (!Double.isFinite(xs[i]) || !Double.isFinite(ys[i])) {
        drawing = false;
        continue;
      }
      path.append(drawing ? 'L' : 'M').append(Markup.number(x(xs[i])));
      path.append(' ').append(Markup.number(y(ys[i])));
      drawing = true;
    }
    if (!path.isEmpty()) {
      body.empty("path", "class", kind, "d", path);
    }
    return this;
  }

  /** Dots with the text that shows over them. */
  Plot dots(String kind, double[] xs, double[] ys, List<String> texts) {
    for (int i = 0; i < xs.length; i++) {
      if (Double.isFinite(xs[i]) && Double.isFinite(ys[i])) {
        body.open("circle", "class", kind, "cx", x(xs[i]), "cy", y(ys[i]), "r", 3.5);
        body.element("title", texts.get(i)).close("circle");
      }
    }
    return this;
  }

  /** A bar between two values of x and two of y. */
  Plot bar(String kind, double fromX, double toX, double fromY, double toY, String text) {
    body.open(
        "rect",
        "class",
        kind,
        "x",
        x(fromX) + 1,
        "width",
        Math.max(1, x(toX) - x(fromX) - 2),
        "y",
        y(Math.max(fromY, toY)),
        "height",
        Math.abs(y(fromY) - y(toY)));
    body.element("title", text).close("rect");
    return this;
  }

  private double x(double v) {
    return LEFT + (v - minX) / (maxX - minX) * (WIDTH - LEFT - RIGHT);
  }

  private double y(double v) {
    return HEIGHT - BOTTOM - (v - minY) / (maxY - minY) * (HEIGHT - TOP - BOTTOM);
  }

  /** The picture, with its name and description for those who do not see it. */
  Markup svg() {
    return new Markup()
        .open(
            "svg",
            "viewBox",
            "0 0 " + Markup.number(WIDTH) + " " + Markup.number(HEIGHT),
            "role",
            "img",
            "class",
            "plot",
            "aria-label",
            title + ". " + description)
        .add(axes)
        .add(body)
        .close("svg")
        .line();
  }

  /** Numbers from 0 to 1 in fifths. */
  static List<Double> fifths() {
    return List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0);
  }

  /** Round numbers (1, 2 or 5 times a power of ten apart) between two values. */
  static List<Double> ticks(double min, double max, boolean whole) {
    double raw = Math.max((max - min) / TICKS, whole ? 1 : 1e-9);
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double step = 10 * power;
    for (double m : new double[] {5, 2, 1}) {
      step = m * power >= raw * 0.999 ? m * power : step;
    }
    List<Double> all = new ArrayList<>();
    for (long i = (long) Math.ceil(min / step - 1e-9); i * step <= max + 1e-9 * step; i++) {
      all.add(i * step);
    }
    return all;
  }

  private static String tick(double v) {
    String s = String.format(Locale.ROOT, "%.3f", v);
    return s.replaceAll("\\.?0+$", "").isEmpty() ? "0" : s.replaceAll("\\.?0+$", "");
  }
}
