package dev.tilework.report;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.data.Dataset;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.metrics.Predictions;
import dev.tilework.nn.GradCam;
import dev.tilework.nn.HeatMap;
import java.awt.image.BufferedImage;
import java.util.List;
import java.util.TreeMap;

/** Images of a data set and what was made of them. */
final class Gallery {
  private final Predictions predictions;
  private final Dataset data;

  Gallery(Predictions predictions, Dataset data) {
    if (!predictions.classes().equals(data.classes())) {
      throw new IllegalArgumentException(
          "report: got predictions of the classes "
              + predictions.classes()
              + " and images of the classes "
              + data.classes());
    }
    this.predictions = predictions;
    this.data = data;
  }

  /** The most confident mistakes, or null where there is none. */
  Markup mistakes(int most) {
    List<Integer> worst = predictions.mistakes(most);
    if (worst.isEmpty()) {
      return null;
    }
    Markup m = new Markup();
    m.open("div", "class", "gallery");
    for (int i : worst) {
      m.open("figure").open("div", "class", "images");
      image(m, thumbnail(i), "Image of class " + trueName(i) + ", taken for " + name(i));
      m.close("div");
      caption(m, i);
      m.close("figure").line();
    }
    return m.close("div");
  }

  /**
   * Heat maps of the predicted class: for each class its most confident hit; and for the most
   * confident mistakes, with the map of the true class too.
   */
  Markup heatMaps(GradCam cam, Device device, Normalization normalization, int most) {
    List<Integer> mistakes = predictions.mistakes(most / 3);
    List<Integer> hits = hits().stream().limit(most - mistakes.size()).toList();
    Markup m = new Markup();
    for (List<Integer> part : List.of(hits, mistakes)) {
      if (!part.isEmpty()) {
        m.element("h3", part == hits ? "Right" : "Wrong");
        m.open("div", "class", "gallery heat");
        part.forEach(i -> heatMap(m, cam, device, normalization, i));
        m.close("div");
      }
    }
    return m;
  }

  private void heatMap(Markup m, GradCam cam, Device device, Normalization normalization, int i) {
    BufferedImage plain = thumbnail(i);
    m.open("figure").open("div", "class", "images");
    image(m, plain, "Image of class " + trueName(i));
    int[] asked =
        predictions.isHit(i)
            ? new int[] {predictions.label(i)}
            : new int[] {predictions.prediction(i), predictions.label(i)};
    for (int c : asked) {
      HeatMap map = explain(cam, device, normalization, i, c);
      image(
          m,
          Pixels.overlay(plain, map),
          "Heat map of class " + data.classes().get(c) + " over that image");
    }
    m.close("div");
    caption(m, i);
    m.close("figure").line();
  }

  /** The most confident hit of each class that has one, in the order of the classes. */
  private List<Integer> hits() {
    TreeMap<Integer, Integer> best = new TreeMap<>();
    for (int i = 0; i < predictions.size(); i++) {
      if (predictions.isHit(i)) {
        best.merge(
            predictions.label(i),
            i,
            (a, b) -> predictions.confidence(b) > predictions.confidence(a) ? b : a);
      }
    }
    return List.copyOf(best.values());
  }

  private HeatMap explain(GradCam cam, Device device, Normalization n, int i, int c) {
    ImageSize s = data.imageSize();
    try (Scope _ = Scope.open()) {
      float[] values = n.apply(data.sample(predictions.sample(i)).pixels());
      Tensor x = Tensor.of(device, values, 1, s.height(), s.width(), s.channels());
      return cam.explain(x, c).getFirst();
    }
  }

  private BufferedImage thumbnail(int i) {
    return Pixels.thumbnail(data.sample(predictions.sample(i)).pixels(), data.imageSize());
  }

  private static void image(Markup m, BufferedImage image, String alt) {
    m.empty(
        "img",
        "src",
        Pixels.dataUri(image),
        "width",
        image.getWidth(),
        "height",
        image.getHeight(),
        "alt",
        alt);
  }

  private void caption(Markup m, int i) {
    m.open("figcaption");
    m.open("p");
    if (predictions.isHit(i)) {
      m.element("bdi", name(i), "class", "right");
      m.text(" " + Markup.percent(predictions.confidence(i)));
    } else {
      m.element("bdi", name(i), "class", "wrong");
      m.text(" " + Markup.percent(predictions.confidence(i))).empty("br").text("true: ");
      m.element("bdi", trueName(i), "class", "right");
      m.text(" " + Markup.percent(predictions.probability(i, predictions.label(i))));
    }
    m.close("p");
    m.element("small", data.name(predictions.sample(i)));
    m.close("figcaption");
  }

  private String name(int i) {
    return data.classes().get(predictions.prediction(i));
  }

  private String trueName(int i) {
    return data.classes().get(predictions.label(i));
  }
}
