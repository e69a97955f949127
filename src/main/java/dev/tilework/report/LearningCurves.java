package dev.tilework.report;

import dev.tilework.metrics.History;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Loss and accuracy over the epochs. */
final class LearningCurves {
  private LearningCurves() {}

  static Markup of(History h) {
    Markup m = new Markup();
    m.open("div", "class", "pair");
    double most =
        h.epochs().stream()
            .flatMap(e -> List.of(e.loss(), e.validationLoss()).stream())
            .filter(Double::isFinite)
            .mapToDouble(v -> v)
            .max()
            .orElse(1);
    figure(m, h, "Loss", "cross-entropy", most, History.Epoch::loss, History.Epoch::validationLoss);
    figure(
        m,
        h,
        "Accuracy",
        "share of images",
        1,
        History.Epoch::accuracy,
        History.Epoch::validationAccuracy);
    return m.close("div");
  }

  private static void figure(
      Markup m,
      History h,
      String name,
      String unit,
      double top,
      ToDoubleFunction<History.Epoch> training,
      ToDoubleFunction<History.Epoch> validation) {
    History.Epoch last = h.epochs().getLast();
    int first = h.epochs().getFirst().epoch();
    Plot p =
        new Plot(
            name + " over " + h.epochs().size() + " epochs",
            String.format(
                Locale.ROOT,
                "At the end %.4f in training, %.4f in validation",
                training.applyAsDouble(last),
                validation.applyAsDouble(last)),
            first,
            last.epoch(),
            0,
            top);
    p.axes("epoch", unit, Plot.ticks(first, last.epoch(), true), Plot.ticks(0, top, false));
    line(p, h, 0, "training", training);
    line(p, h, 1, "validation", validation);
    m.open("figure").element("h3", name).add(p.svg());
    m.open("figcaption").open("ul", "class", "legend");
    for (int i = 0; i < 2; i++) {
      m.open("li").element("i", "", "class", "swatch c" + i);
      m.text(i == 0 ? "training" : "validation").close("li");
    }
    m.close("ul").close("figcaption").close("figure");
  }

  private static void line(
      Plot p, History h, int colour, String name, ToDoubleFunction<History.Epoch> value) {
    double[] x = h.epochs().stream().mapToDouble(History.Epoch::epoch).toArray();
    double[] y = h.epochs().stream().mapToDouble(value).toArray();
    p.line("series c" + colour, x, y);
    // Every epoch has a dot while there is room.
    if (x.length <= 40) {
      List<String> texts =
          h.epochs().stream()
              .map(
                  e ->
                      String.format(
                          Locale.ROOT,
                          "epoch %d, %s: %.4f",
                          e.epoch(),
                          name,
                          value.applyAsDouble(e)))
              .toList();
      p.dots("dot c" + colour, x, y, texts);
    }
  }
}
