package dev.tilework.bench.peers;

import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A report as PNG pictures: our speed over the fastest peer's, a bar for each device of ours. */
final class PeerCharts {
  private static final Color INK = new Color(0x333333);
  private static final Color LINES = new Color(0xDDDDDD);
  private static final Color[] COLOURS = {
    new Color(0x1F77B4), new Color(0xE6700F), new Color(0x2F8F4E), new Color(0x8A5FB0)
  };
  private static final int MOST_BARS = 60;

  private PeerCharts() {}

  /**
   * Writes the pictures: one of the means, and one for each list of layers and pass.
   *
   * @param base the beginning of their file names
   */
  static List<Path> write(PeerReport report, Path base) throws IOException {
    List<Path> files = new ArrayList<>();
    List<String> devices = devices(report);
    Map<String, Map<String, Double>> bars = new LinkedHashMap<>();
    for (PeerMeans m : PeerMeans.of(report)) {
      for (String d : devices) {
        bars.computeIfAbsent(d, k -> new LinkedHashMap<>()).put(label(m), m.ofDevice(d));
      }
    }
    write(files, base, "means", "Speed over the fastest peer's, geometric means", bars);
    Map<String, Map<String, Map<String, Double>>> lists = new LinkedHashMap<>();
    for (PeerMeans m : PeerMeans.of(report)) {
      if (m.rows().getFirst().group().equals("layers")) {
        String title = m.list() + ", " + PeerTable.words(m.pass());
        for (PeerReport.Row r : m.rows()) {
          PeerMeans one = new PeerMeans(m.list(), m.batch(), m.pass(), List.of(r));
          for (String d : devices) {
            lists
                .computeIfAbsent(title, k -> new LinkedHashMap<>())
                .computeIfAbsent(d + ", batch " + m.batch(), k -> new LinkedHashMap<>())
                .put(PeerTable.name(r), one.ofDevice(d));
          }
        }
      }
    }
    for (Map.Entry<String, Map<String, Map<String, Double>>> e : lists.entrySet()) {
      String name = e.getKey().replaceAll("[^a-z0-9_]+", "-");
      write(files, base, name, "Speed over the fastest peer's: " + e.getKey(), e.getValue());
    }
    return files;
  }

  private static List<String> devices(PeerReport report) {
    return report.rows().stream()
        .flatMap(r -> r.entries().stream())
        .filter(PeerReport.Entry::isOurs)
        .map(PeerReport.Entry::form)
        .distinct()
        .toList();
  }

  /** A set of cases in a few words. */
  static String label(PeerMeans m) {
    String group = m.rows().getFirst().group();
    String pass =
        group.equals("layers") || group.equals("models") ? " " + PeerTable.words(m.pass()) : "";
    return m.list() + pass + (group.equals("products") ? "" : ", batch " + m.batch());
  }

  private static void write(
      List<Path> files,
      Path base,
      String name,
      String title,
      Map<String, Map<String, Double>> series)
      throws IOException {
    int bars = series.values().stream().mapToInt(Map::size).max().orElse(0);
    if (bars == 0 || bars > MOST_BARS) {
      return;
    }
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(Math.max(640, 160 + 24 * bars * series.size()))
            .height(560)
            .title(title)
            .yAxisTitle("fastest peer = 1")
            .build();
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setChartFontColor(INK);
    chart.getStyler().setPlotBorderVisible(false);
    chart.getStyler().setPlotGridLinesColor(LINES);
    chart.getStyler().setPlotGridVerticalLinesVisible(false);
    chart.getStyler().setSeriesColors(COLOURS);
    chart.getStyler().setXAxisLabelRotation(60);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisDecimalPattern("0.0");
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendBorderColor(LINES);
    chart.getStyler().setLegendVisible(series.size() > 1);
    chart.getStyler().setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16));
    chart.getStyler().setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
    chart.addAnnotation(new AnnotationLine(1, false, false));
    List<String> names = new ArrayList<>();
    series
        .values()
        .forEach(m -> m.keySet().stream().filter(k -> !names.contains(k)).forEach(names::add));
    series.forEach(
        (device, values) ->
            chart.addSeries(
                device,
                names,
                names.stream().map(n -> values.get(n) == null ? 0 : values.get(n)).toList()));
    Path file = base.resolveSibling(base.getFileName() + "-" + name + ".png");
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    files.add(file);
  }
}
