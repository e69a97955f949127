package dev.tilework.report;

import dev.tilework.Device;
import dev.tilework.data.Dataset;
import dev.tilework.data.Normalization;
import dev.tilework.metrics.EvaluationReport;
import dev.tilework.metrics.History;
import dev.tilework.metrics.Predictions;
import dev.tilework.nn.GradCam;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * An evaluation as one HTML file, which needs nothing else: no script, no network, its pictures and
 * style inside. It follows the reader's choice of light or dark.
 *
 * <pre>{@code
 * new HtmlReport("Birds", predictions.report())
 *     .withFacts(Map.of("Model", "resnet20"))
 *     .withHistory(history)
 *     .withMistakes(predictions, dataset, 24)
 *     .withHeatMaps(predictions, dataset, normalization, new GradCam(net), device, 12)
 *     .write(Path.of("report.html"));
 * }</pre>
 */
public final class HtmlReport {
  private static final String STYLE = "report.css";

  private final String title;
  private final EvaluationReport report;
  private final Map<String, String> facts = new LinkedHashMap<>();
  private History history = History.EMPTY;
  private Markup mistakes;
  private Markup heatMaps;

  /**
   * A report of the measures alone.
   *
   * @param title the heading, such as the name of the data
   */
  public HtmlReport(String title, EvaluationReport report) {
    this.title = title;
    this.report = report;
  }

  /** Adds lines to the head, such as model and device, by name, in the map's order. */
  public HtmlReport withFacts(Map<String, String> more) {
    facts.putAll(more);
    return this;
  }

  /** Adds the learning curves of a run, unless it has no epoch. */
  public HtmlReport withHistory(History run) {
    history = run;
    return this;
  }

  /**
   * Adds thumbnails of the most confident mistakes.
   *
   * @param predictions whose samples are places in the data
   * @param data images of 1 or 3 channels
   * @param most images at most
   */
  public HtmlReport withMistakes(Predictions predictions, Dataset data, int most) {
    mistakes = new Gallery(predictions, data).mistakes(most);
    return this;
  }

  /**
   * Adds heat maps of where the network looks: for the most confident hit of each class, and for
   * the most confident mistakes.
   *
   * @param predictions whose samples are places in the data
   * @param data images of 1 or 3 channels
   * @param normalization of the network's images
   * @param cam over a layer of the network
   * @param device of the network
   * @param most images at most, a third of them mistakes where there are as many
   */
  public HtmlReport withHeatMaps(
      Predictions predictions,
      Dataset data,
      Normalization normalization,
      GradCam cam,
      Device device,
      int most) {
    heatMaps = new Gallery(predictions, data).heatMaps(cam, device, normalization, most);
    return this;
  }

  /** The page. */
  public String html() {
    Markup m = new Markup();
    m.raw("<!DOCTYPE html>").line().open("html", "lang", "en").line().open("head");
    m.empty("meta", "charset", "UTF-8");
    m.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    m.empty("meta", "name", "color-scheme", "content", "light dark");
    // The browser itself then refuses scripts and whatever is not in this file.
    m.empty(
        "meta",
        "http-equiv",
        "Content-Security-Policy",
        "content",
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'");
    m.element("title", title + ": evaluation");
    m.open("style").raw(style()).close("style").close("head").line();
    m.open("body").open("header");
    m.element("p", "Evaluation", "class", "kind").element("h1", title);
    if (!facts.isEmpty()) {
      m.open("dl", "class", "facts");
      facts.forEach(
          (name, value) -> m.open("div").element("dt", name).element("dd", value).close("div"));
      m.close("dl");
    }
    m.add(tiles()).close("header").line().open("main").line();
    section(m, "Classes", ClassTable.of(report));
    section(m, "Confusion matrix", ConfusionPicture.of(report));
    if (mistakes != null) {
      section(
          m,
          "Worst mistakes",
          paragraph("Wrong predictions, the most confident first.").add(mistakes));
    }
    if (heatMaps != null) {
      section(
          m,
          "Where the network looks",
          paragraph(
                  "Grad-CAM: bright places speak for the predicted class. Beside a mistake stands"
                      + " the map of its true class too.")
              .add(heatMaps));
    }
    section(m, "Curves", CurvePlots.of(report));
    section(m, "Calibration", CalibrationPlots.of(report.calibration()));
    if (!history.epochs().isEmpty()) {
      section(m, "Training", LearningCurves.of(history));
    }
    m.close("main").element("footer", "Made by Tilework.");
    return m.close("body").close("html").line().toString();
  }

  /**
   * Writes the page; its folder is made.
   *
   * @throws UncheckedIOException when it cannot be written
   */
  public void write(Path file) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      Files.createDirectories(folder);
      Files.writeString(file, html());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  private Markup tiles() {
    Markup m = new Markup();
    m.open("ul", "class", "tiles");
    long hits = Math.round(report.accuracy() * report.images());
    tile(
        m,
        "Accuracy",
        Markup.percent(report.accuracy()),
        String.format(Locale.ROOT, "%,d of %,d images", hits, report.images()));
    report
        .topK()
        .tailMap(2)
        .forEach((k, v) -> tile(m, "Top-" + k, Markup.percent(v), "among the " + k + " likeliest"));
    tile(m, "F1", Markup.measure(report.scores().macro().f1()), "mean over classes");
    tile(m, "ROC area", Markup.measure(report.macroAuc()), "mean over classes");
    tile(
        m, "Average precision", Markup.measure(report.meanAveragePrecision()), "mean over classes");
    tile(
        m,
        "Calibration error",
        Markup.measure(report.calibration().expectedError()),
        "expected; 0 is best");
    tile(
        m,
        "Log likelihood",
        Markup.measure(report.calibration().negativeLogLikelihood()),
        "negative; 0 is best");
    return m.close("ul");
  }

  private static void tile(Markup m, String name, String value, String note) {
    m.open("li").element("span", name).element("strong", value).element("small", note).close("li");
  }

  private static Markup paragraph(String text) {
    return new Markup().element("p", text);
  }

  private static void section(Markup m, String heading, Markup content) {
    m.open("section").element("h2", heading).add(content).close("section").line();
  }

  private static String style() {
    try (InputStream in = HtmlReport.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("the report's style sheet cannot be read", e);
    }
  }
}
