package dev.tilework.metrics;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Pictures of a training run as PNG files. They need no display. */
public final class Charts {
  private static final Color TRAIN = new Color(0x1F77B4);
  private static final Color VALIDATION = new Color(0xE6700F);
  private static final Color LINES = new Color(0xDDDDDD);
  private static final Color INK = new Color(0x333333);
  private static final int TITLE = 18;
  private static final int TEXT = 14;

  private Charts() {}

  /**
   * Draws loss and accuracy over the epochs, of training and validation.
   *
   * @throws IllegalArgumentException when there is no epoch
   * @throws UncheckedIOException when the file cannot be written
   */
  public static void learningCurve(History history, Path png) {
    if (history.epochs().isEmpty()) {
      throw new IllegalArgumentException("learning curve: the history has no epoch");
    }
    XYChart loss = chart("Loss", "cross-entropy");
    line(loss, history, "training", TRAIN, History.Epoch::loss);
    line(loss, history, "validation", VALIDATION, History.Epoch::validationLoss);
    loss.getStyler().setYAxisMin(0.0).setLegendPosition(LegendPosition.InsideNE);
    XYChart accuracy = chart("Accuracy", "%");
    line(accuracy, history, "training", TRAIN, e -> 100 * e.accuracy());
    line(accuracy, history, "validation", VALIDATION, e -> 100 * e.validationAccuracy());
    accuracy.getStyler().setYAxisMax(100.0).setLegendPosition(LegendPosition.InsideSE);
    write(
        png,
        out ->
            BitmapEncoder.saveBitmap(
                List.of(loss, accuracy), 1, 2, out, BitmapEncoder.BitmapFormat.PNG));
  }

  private static XYChart chart(String title, String unit) {
    XYChart c =
        new XYChartBuilder()
            .width(640)
            .height(480)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle(unit)
            .build();
    style(c.getStyler());
    c.getStyler().setMarkerSize(5);
    c.getStyler().setPlotGridLinesColor(LINES);
    c.getStyler().setXAxisDecimalPattern("0");
    c.getStyler().setLegendBorderColor(LINES);
    return c;
  }

  private static void style(AxesChartStyler s) {
    s.setChartBackgroundColor(Color.WHITE);
    s.setPlotBorderVisible(false);
    s.setChartFontColor(INK);
    s.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, TITLE));
    s.setChartTitleBoxVisible(false);
    s.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, TEXT));
    s.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, TEXT));
    s.setAxisTickLabelsColor(INK);
    s.setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, TEXT));
    s.setChartPadding(12);
  }

  /** A line without the epochs that have no finite value, such as those before a validation. */
  private static void line(
      XYChart chart, History h, String name, Color colour, ToDoubleFunction<History.Epoch> value) {
    List<Integer> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (History.Epoch e : h.epochs()) {
      double v = value.applyAsDouble(e);
      if (Double.isFinite(v)) {
        x.add(e.epoch());
        y.add(v);
      }
    }
    if (x.isEmpty()) {
      return;
    }
    XYSeries s = chart.addSeries(name, x, y);
    s.setLineColor(colour);
    s.setLineWidth(2.5f);
    s.setMarker(SeriesMarkers.CIRCLE);
    s.setMarkerColor(colour);
  }

  /**
   * Draws a confusion matrix with class names and counts.
   *
   * @throws UncheckedIOException when the file cannot be written
   */
  public static void confusionMatrix(ConfusionMatrix matrix, Path png) {
    int n = matrix.classes().size();
    List<String> names = matrix.classes();
    List<Number[]> cells = new ArrayList<>();
    long most = 1;
    for (int label = 0; label < n; label++) {
      for (int prediction = 0; prediction < n; prediction++) {
        long count = matrix.count(label, prediction);
        most = Math.max(most, count);
        // The vertical axis grows upwards, a matrix is read downwards.
        cells.add(new Number[] {prediction, n - 1 - label, count});
      }
    }
    int longest = names.stream().mapToInt(String::length).max().orElse(0);
    int cell = n <= 4 ? 120 : n <= 20 ? 64 : 24;
    int margin = 150 + Math.min(longest, 30) * 8;
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(Math.max(n * cell + margin, 500))
            .height(n * cell + margin)
            .title(
                String.format(
                    Locale.ROOT, "Confusion matrix (accuracy %.2f %%)", 100 * matrix.accuracy()))
            .xAxisTitle("predicted class")
            .yAxisTitle("true class")
            .build();
    style(chart.getStyler());
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setXAxisLabelRotation(longest > 7 || n > 20 ? 60 : 0);
    // Up to a medium blue only, so that dark digits can be read in every cell.
    chart.getStyler().setRangeColors(new Color[] {Color.WHITE, new Color(0x6BAED6)});
    chart.getStyler().setMin(0).setMax(most).setLegendVisible(false);
    chart.getStyler().setShowValue(n <= 20);
    chart.getStyler().setValueFont(new Font(Font.SANS_SERIF, Font.PLAIN, TEXT));
    chart.getStyler().setValueFontColor(INK);
    chart.getStyler().setHeatMapDecimalValueFormatter(v -> String.valueOf(Math.round(v)));
    chart.addSeries("images", names, names.reversed(), cells);
    write(png, out -> BitmapEncoder.saveBitmap(chart, out, BitmapEncoder.BitmapFormat.PNG));
  }

  private interface Writer {
    void write(OutputStream out) throws IOException;
  }

  private static void write(Path png, Writer writer) {
    try (OutputStream out = Files.newOutputStream(png)) {
      writer.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + png + ": " + e.getMessage(), e);
    }
  }
}
