package dev.tilework.report;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.data.Sample;
import dev.tilework.metrics.History;
import dev.tilework.metrics.Predictions;
import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.GradCam;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A report of everything, of classes whose names are made to break it. */
record Example(Dataset data, Predictions predictions) {
  static final String SCRIPT = "<script>alert(1)</script>";
  static final List<String> NAMES =
      List.of(
          SCRIPT,
          "\"><img src=x onerror=alert(2)>",
          "a & b 'c' \"d\"",
          "]]></style><style>*{display:none}",
          "\u0000\u0007 control \uD800",
          "日本語 العربية \uD83D\uDC31",
          "https://example.org/x.png",
          "",
          "plain",
          // The last, for it must not be cut off at the edge of the matrix.
          "a name that goes on and on until nobody would want to read it to its end".repeat(3));

  /** Shapes under other names. */
  private record Renamed(Dataset shapes, List<String> classes) implements Dataset {
    @Override
    public int size() {
      return shapes.size();
    }

    @Override
    public ImageSize imageSize() {
      return shapes.imageSize();
    }

    @Override
    public int label(int index) {
      return shapes.label(index) % classes.size();
    }

    @Override
    public Sample sample(int index) {
      return new Sample(shapes.sample(index).pixels(), label(index));
    }

    @Override
    public String name(int index) {
      return "/data/" + SCRIPT + "/" + index + ".png";
    }
  }

  /** Guesses, right more often than not. */
  static Example of(int images, int side, List<String> names) {
    Dataset data = new Renamed(new GeneratedShapes(images, side, 5), names);
    Predictions p = new Predictions(names);
    Random random = new Random(7);
    for (int i = 0; i < images; i++) {
      float[] logits = new float[names.size()];
      for (int c = 0; c < logits.length; c++) {
        logits[c] = (float) random.nextGaussian();
      }
      logits[data.label(i)] += 2;
      p.add(logits, new int[] {data.label(i)}, new int[] {i});
    }
    return new Example(data, p);
  }

  static Example hostile() {
    return of(120, 16, NAMES);
  }

  static List<String> many(int classes) {
    return IntStream.range(0, classes).mapToObj(i -> "class " + i).toList();
  }

  static History history(int epochs) {
    return new History(
        Stream.iterate(1, e -> e + 1)
            .limit(epochs)
            .map(
                e ->
                    new History.Epoch(
                        e,
                        2.0 / e,
                        1 - 0.7 / e,
                        e == 2 ? Double.NaN : 2.2 / e,
                        1 - 0.8 / e,
                        0.1,
                        9,
                        1))
            .toList());
  }

  HtmlReport report() {
    Device device =
        Devices.all().stream().filter(d -> d.name().equals("cpu")).findFirst().orElseThrow();
    int n = data.classes().size();
    try (Module net =
        new Sequential(
            new Conv2d(3, 4, 3),
            new Relu(),
            new AdaptiveAvgPool2d(),
            new Flatten(),
            new Linear(4, n))) {
      net.init(device, 3);
      return new HtmlReport(SCRIPT + " & co", predictions.report())
          .withFacts(Map.of(SCRIPT, "<b>" + SCRIPT))
          .withHistory(history(6))
          .withMistakes(predictions, data, 7)
          .withHeatMaps(predictions, data, Normalization.IMAGENET, new GradCam(net), device, 9);
    }
  }
}
