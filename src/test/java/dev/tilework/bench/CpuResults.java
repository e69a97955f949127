package dev.tilework.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The part of the performance document about single layers, from the files of LayerTable. */
final class CpuResults {
  private final Map<String, Machine> machines = new LinkedHashMap<>();

  /** What was measured on a machine by a device, the newest of each case. */
  private static final class Machine {
    final Set<String> sources = new LinkedHashSet<>();
    final Map<List<Object>, JsonNode> cases = new LinkedHashMap<>();

    JsonNode get(String layer, int batch, String pass) {
      return cases.get(List.of(layer, batch, pass));
    }
  }

  /** Takes in a file; those of one machine come in the order of their dates. */
  void add(String name, JsonNode report) {
    for (JsonNode row : report.required("rows")) {
      // Files of the time before several devices could be timed have one, named at the head.
      String of = report.required("device").asText();
      String device =
          row.hasNonNull("device") ? row.get("device").asText() : of.replaceAll(":.*", "");
      String title =
          String.format(
              Locale.ROOT,
              "%s, %d threads, vectors of %d bits: %s",
              report.required("processor").asText(),
              report.required("threads").asInt(),
              report.required("vectorBits").asInt(),
              device);
      Machine m = machines.computeIfAbsent(title, k -> new Machine());
      m.sources.add(
          String.format(
              Locale.ROOT,
              "[%s](../bench/results/%s), commit %s, peak %.1f GFLOP/s",
              report.required("date").asText().substring(0, 10),
              name,
              report.required("commit").asText(),
              report.required("peak").asDouble()));
      m.cases.put(
          List.of(
              row.required("layer").asText(),
              row.required("batch").asInt(),
              row.required("pass").asText()),
          row);
    }
  }

  /**
   * The text, and pictures by their file names.
   *
   * @param pictures receives them
   */
  String markdown(Map<String, String> pictures) {
    if (machines.isEmpty()) {
      return "No processor has been measured yet.\n";
    }
    StringBuilder s = new StringBuilder();
    machines.forEach((title, m) -> machine(s, title, m, pictures));
    return s.toString();
  }

  private static void machine(
      StringBuilder s, String title, Machine m, Map<String, String> pictures) {
    s.append("### ").append(title).append("\n\nFrom ");
    s.append(String.join("; ", m.sources)).append(".\n\n");
    for (String list : Layer.ALL_LISTS) {
      List<String> layers =
          m.cases.keySet().stream()
              .map(k -> (String) k.getFirst())
              .filter(l -> l.startsWith(list + "/"))
              .distinct()
              .toList();
      List<Column> columns = columns(m, list);
      if (!columns.isEmpty()) {
        String file = "performance-" + slug(title + "-" + list) + ".svg";
        pictures.put(file, picture(m, list, layers, columns));
        s.append("![").append(list).append(": share of the peak](").append(file).append(")\n\n");
        table(s, m, list, layers, columns);
      }
    }
  }

  private record Column(String pass, int batch) {
    String title() {
      return PerformanceDocument.words(pass) + ", batch " + batch;
    }
  }

  private static List<Column> columns(Machine m, String list) {
    List<Column> columns = new ArrayList<>();
    for (Pass pass : Pass.values()) {
      m.cases.keySet().stream()
          .filter(
              k -> ((String) k.getFirst()).startsWith(list + "/") && k.get(2).equals(pass.name()))
          .map(k -> (Integer) k.get(1))
          .distinct()
          .sorted()
          .forEach(batch -> columns.add(new Column(pass.name(), batch)));
    }
    return columns;
  }

  private static String picture(Machine m, String list, List<String> layers, List<Column> columns) {
    int batch = columns.stream().mapToInt(Column::batch).max().orElseThrow();
    List<Column> shown = columns.stream().filter(c -> c.batch() == batch).toList();
    BarChart chart =
        new BarChart(
            list + ", batch " + batch,
            "% of the peak of fused multiply-adds",
            shown.stream().map(c -> PerformanceDocument.words(c.pass())).toList());
    for (String layer : layers) {
      Double[] values = new Double[shown.size()];
      for (int i = 0; i < values.length; i++) {
        JsonNode row = m.get(layer, batch, shown.get(i).pass());
        values[i] = row == null ? null : (Double) (100 * row.required("share").asDouble());
      }
      chart.add(layer.substring(layer.indexOf('/') + 1), values);
    }
    return chart.svg();
  }

  private static void table(
      StringBuilder s, Machine m, String list, List<String> layers, List<Column> columns) {
    s.append("| ").append(list).append(" | shape |");
    columns.forEach(c -> s.append(' ').append(c.title()).append(" |"));
    s.append("\n|---|---|").append("---:|".repeat(columns.size())).append('\n');
    for (String layer : layers) {
      JsonNode any = null;
      StringBuilder cells = new StringBuilder();
      for (Column c : columns) {
        JsonNode row = m.get(layer, c.batch(), c.pass());
        any = row == null ? any : row;
        cells.append(row == null ? " |" : cell(row));
      }
      s.append("| ").append(layer.substring(layer.indexOf('/') + 1)).append(" | ");
      s.append(any == null ? "" : any.required("shape").asText()).append(" |");
      s.append(cells).append('\n');
    }
    s.append("| all, by their count | |");
    columns.forEach(c -> s.append(total(m, layers, c)));
    s.append("\n\n");
  }

  private static String cell(JsonNode row) {
    return String.format(
        Locale.ROOT,
        " %.0f µs, %.0f %% |",
        row.required("microseconds").asDouble(),
        100 * row.required("share").asDouble());
  }

  /** The time of a network's convolutions, and their share of the peak in all. */
  private static String total(Machine m, List<String> layers, Column c) {
    double time = 0;
    double share = 0;
    for (String layer : layers) {
      JsonNode row = m.get(layer, c.batch(), c.pass());
      if (row == null) {
        return " |";
      }
      double t = row.required("count").asInt() * row.required("microseconds").asDouble();
      time += t;
      share += t * row.required("share").asDouble();
    }
    return String.format(Locale.ROOT, " %.1f ms, %.0f %% |", time / 1e3, 100 * share / time);
  }

  private static String slug(String s) {
    return s.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }
}
