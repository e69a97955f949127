package dev.tilework.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** The part of the performance document about GPUs, from the files of GpuSuite. */
final class GpuResults {
  private static final String NONE =
      "No GPU has been measured yet. `bench/gpu.sh` does it in one command, see"
          + " [bench/README.md](../bench/README.md); the file that it writes appears here.\n";

  private final Map<String, JsonNode> newest = new LinkedHashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();

  /** Takes in a file; those of one GPU come in the order of their dates, and the last counts. */
  void add(String name, JsonNode report) {
    String gpu = report.required("gpu").asText();
    newest.put(gpu, report);
    files.put(gpu, name);
  }

  /**
   * The text, and pictures by their file names.
   *
   * @param pictures receives them
   */
  String markdown(Map<String, String> pictures) {
    if (newest.isEmpty()) {
      return NONE;
    }
    StringBuilder s = new StringBuilder();
    newest.forEach((gpu, report) -> gpu(s, gpu, report, pictures));
    return s.toString();
  }

  private void gpu(StringBuilder s, String gpu, JsonNode report, Map<String, String> pictures) {
    s.append("### ").append(gpu).append("\n\n");
    s.append("From [")
        .append(report.required("date").asText(), 0, 10)
        .append("](../bench/results/");
    s.append(files.get(gpu)).append("), commit ").append(report.required("commit").asText());
    s.append(", driver ").append(report.required("driver").asText());
    s.append(". Peer: ").append(report.required("peer").asText());
    if (!report.required("complete").asBoolean()) {
      s.append(". The time was up before all cases were run");
    }
    s.append(".\n\n| check | result |\n|---|---|\n");
    for (String check : List.of("contract", "memcheck", "racecheck")) {
      s.append("| ").append(check).append(" | ").append(report.required(check).asText());
      s.append(" |\n");
    }
    s.append('\n');
    List<JsonNode> rows = new ArrayList<>();
    report.required("rows").forEach(rows::add);
    means(s, report);
    table(s, of(rows, "models"), "model", "imagesPerSecond", "images/s");
    table(s, of(rows, "products"), "product", "tflops", "TFLOP/s");
    memory(s, of(rows, "memory"));
    for (String list : Layer.LISTS) {
      List<JsonNode> layers =
          of(rows, "layers").stream()
              .filter(r -> r.required("layer").asText().startsWith(list + "/"))
              .toList();
      if (!layers.isEmpty()) {
        String file =
            "performance-"
                + (gpu + "-" + list).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-")
                + ".svg";
        pictures.put(file, picture(list, layers));
        s.append("![").append(list).append(": TFLOP/s](").append(file).append(")\n\n");
        s.append("<details><summary>").append(list).append(", layer by layer</summary>\n\n");
        table(s, layers, "layer", "tflops", "TFLOP/s");
        s.append("</details>\n\n");
      }
    }
  }

  private static List<JsonNode> of(List<JsonNode> rows, String group) {
    return rows.stream().filter(r -> r.required("group").asText().equals(group)).toList();
  }

  private static void means(StringBuilder s, JsonNode report) {
    if (report.required("means").isEmpty()) {
      return;
    }
    s.append("The peer's time over ours, geometric means; above 1, ours is the faster:\n\n");
    s.append(
        "| cases | batch | pass | precision | number | ratio |\n|---|---:|---|---|---:|---:|\n");
    for (JsonNode m : report.get("means")) {
      s.append(
          String.format(
              Locale.ROOT,
              "| %s | %d | %s | %s | %d | %.2f |%n",
              m.required("list").asText(),
              m.required("batch").asInt(),
              PerformanceDocument.words(m.required("pass").asText()),
              m.required("precision").asText(),
              m.required("cases").asInt(),
              m.required("ratio").asDouble()));
    }
    s.append('\n');
  }

  /** A line for each layer, batch and pass, a column for each precision. */
  private static void table(
      StringBuilder s, List<JsonNode> rows, String head, String field, String unit) {
    TreeSet<String> precisions = new TreeSet<>();
    Map<List<String>, Map<String, String>> lines = new LinkedHashMap<>();
    for (JsonNode r : rows) {
      String precision = r.required("precision").asText();
      precisions.add(precision);
      lines
          .computeIfAbsent(
              List.of(
                  r.required("layer").asText(),
                  r.required("batch").asText(),
                  PerformanceDocument.words(r.required("pass").asText())),
              k -> new LinkedHashMap<>())
          .put(precision, cell(r, field));
    }
    if (rows.isEmpty()) {
      return;
    }
    s.append("| ").append(head).append(" | batch | pass |");
    precisions.forEach(p -> s.append(' ').append(p).append(", ").append(unit).append(" |"));
    s.append("\n|---|---:|---|").append("---:|".repeat(precisions.size())).append('\n');
    lines.forEach(
        (key, cells) -> {
          s.append("| ").append(String.join(" | ", key)).append(" |");
          precisions.forEach(p -> s.append(' ').append(cells.getOrDefault(p, "")).append(" |"));
          s.append('\n');
        });
    s.append('\n');
  }

  private static String cell(JsonNode r, String field) {
    if (r.hasNonNull("problem")) {
      return "failed";
    }
    String value = String.format(Locale.ROOT, "%.1f", r.required(field).asDouble());
    return r.hasNonNull("ratio")
        ? value + String.format(Locale.ROOT, " (%.2f)", r.get("ratio").asDouble())
        : value;
  }

  private static void memory(StringBuilder s, List<JsonNode> rows) {
    if (rows.isEmpty()) {
      return;
    }
    s.append("| operation | shape | GB/s | share of a copy |\n|---|---|---:|---:|\n");
    for (JsonNode r : rows) {
      s.append("| ").append(r.required("layer").asText()).append(" | ");
      s.append(r.required("shape").asText()).append(" | ").append(cell(r, "gbs")).append(" | ");
      s.append(
          r.hasNonNull("ofCopy")
              ? String.format(Locale.ROOT, "%.0f %%", 100 * r.get("ofCopy").asDouble())
              : "");
      s.append(" |\n");
    }
    s.append('\n');
  }

  private static String picture(String list, List<JsonNode> rows) {
    int batch = rows.stream().mapToInt(r -> r.required("batch").asInt()).max().orElseThrow();
    List<JsonNode> shown =
        rows.stream()
            .filter(
                r ->
                    r.required("batch").asInt() == batch
                        && r.required("pass").asText().equals(Pass.FORWARD.name()))
            .toList();
    List<String> precisions =
        shown.stream().map(r -> r.required("precision").asText()).distinct().sorted().toList();
    BarChart chart = new BarChart(list + ", forward, batch " + batch, "TFLOP/s", precisions);
    Map<String, Double[]> bars = new LinkedHashMap<>();
    for (JsonNode r : shown) {
      Double[] values =
          bars.computeIfAbsent(r.required("layer").asText(), k -> new Double[precisions.size()]);
      values[precisions.indexOf(r.required("precision").asText())] =
          r.hasNonNull("tflops") ? (Double) r.get("tflops").asDouble() : null;
    }
    bars.forEach((layer, values) -> chart.add(layer.substring(layer.indexOf('/') + 1), values));
    return chart.svg();
  }
}
