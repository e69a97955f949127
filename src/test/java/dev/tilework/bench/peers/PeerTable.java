package dev.tilework.bench.peers;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A report as Markdown. */
final class PeerTable {
  private PeerTable() {}

  /** All of it. */
  static String markdown(PeerReport report) {
    StringBuilder s = new StringBuilder();
    libraries(s, report);
    means(s, report);
    rates(s, report, "models", "model", "images/s");
    rates(s, report, "products", "product", "GFLOP/s");
    rates(s, report, "memory", "operation", "GB/s");
    layers(s, report);
    return s.toString();
  }

  /** The machine in a line. */
  static String machine(PeerReport r) {
    return String.format(
        Locale.ROOT,
        "%s, %d threads, vectors of %d bits",
        r.processor(),
        r.threads(),
        r.vectorBits());
  }

  /** The names of the peers that were timed. */
  static List<String> peers(PeerReport report) {
    return report.rows().stream()
        .flatMap(r -> r.entries().stream())
        .filter(e -> !e.isOurs() && e.microseconds() != null)
        .map(PeerReport.Entry::library)
        .distinct()
        .toList();
  }

  /** Our entry of a row, that of the first device. */
  static PeerReport.Entry ours(PeerReport.Row r) {
    return r.entries().getFirst();
  }

  /** The fastest form of a library. */
  static Optional<PeerReport.Entry> fastest(PeerReport.Row r, String library) {
    return r.entries().stream()
        .filter(e -> e.library().equals(library) && e.microseconds() != null)
        .min(Comparator.comparing(PeerReport.Entry::microseconds));
  }

  private static void libraries(StringBuilder s, PeerReport report) {
    String model =
        report.libraries().stream()
            .map(PeerReport.LibraryRow::startModel)
            .filter(m -> m != null)
            .findFirst()
            .orElse("a network");
    s.append("| library | version | download, MB | first answer, ms | peak memory, MB |\n");
    s.append("|---|---|---:|---:|---:|\n");
    List<String> problems = new ArrayList<>();
    for (PeerReport.LibraryRow l : report.libraries()) {
      s.append("| ").append(l.name()).append(" | ");
      s.append(l.version() == null ? "" : l.version().replace("|", "/")).append(" |");
      s.append(number(" %.1f |", l.downloadMB())).append(number(" %.0f |", l.firstAnswerMs()));
      s.append(number(" %.0f |", l.peakMB())).append('\n');
      if (l.problem() != null) {
        problems.add(l.name() + " did not take part: " + l.problem());
      }
      if (l.startProblem() != null) {
        problems.add("no first answer of " + l.name() + ": " + l.startProblem());
      }
    }
    s.append("\nFirst answer: from the start of the Java process to the output of ");
    s.append(model).append(", random weights; peak: the most resident memory of this process");
    s.append(" after ten answers. Download: the jars of one system.\n\n");
    problems.forEach(p -> s.append("- ").append(p).append('\n'));
    s.append(problems.isEmpty() ? "" : "\n");
  }

  private static void means(StringBuilder s, PeerReport report) {
    List<PeerMeans> means = PeerMeans.of(report);
    if (means.isEmpty()) {
      return;
    }
    List<String> peers = peers(report);
    s.append("A peer's time over ours, geometric means of each peer's fastest form; above 1, ours");
    s.append(" is the faster:\n\n| cases | batch | pass | number |");
    peers.forEach(p -> s.append(' ').append(p).append(" |"));
    s.append(" fastest peer | lowest |\n|---|---:|---|---:|");
    s.append("---:|".repeat(peers.size() + 1)).append("---|\n");
    for (PeerMeans m : means) {
      s.append("| ").append(m.list()).append(" | ").append(m.batch()).append(" | ");
      s.append(words(m.pass())).append(" | ").append(m.rows().size()).append(" |");
      peers.forEach(p -> s.append(number(" %.2f |", m.ofPeer(p))));
      s.append(number(" %.2f |", m.ofFastest()));
      PeerReport.Row low = m.lowest();
      s.append(number(" %.2f, ", low.ratio()));
      s.append(name(low)).append(" |\n");
    }
    s.append('\n');
  }

  private static List<PeerReport.Row> of(PeerReport report, String group) {
    return report.rows().stream().filter(r -> r.group().equals(group)).toList();
  }

  private static void rates(
      StringBuilder s, PeerReport report, String group, String head, String unit) {
    List<PeerReport.Row> rows = of(report, group);
    if (rows.isEmpty()) {
      return;
    }
    List<String> columns = libraries(rows);
    s.append("| ").append(head).append(", ").append(unit).append(" | shape | batch | pass |");
    columns.forEach(c -> s.append(' ').append(c).append(" |"));
    s.append(" to the fastest |\n|---|---|---:|---|");
    s.append("---:|".repeat(columns.size() + 1)).append('\n');
    for (PeerReport.Row r : rows) {
      head(s, r);
      for (String c : columns) {
        s.append(cell(r, c, e -> rate(r, e)));
      }
      s.append(number(" %.2f |", r.ratio())).append('\n');
    }
    s.append('\n');
    problems(s, rows);
  }

  private static void layers(StringBuilder s, PeerReport report) {
    List<PeerReport.Row> rows = of(report, "layers");
    for (String list :
        rows.stream()
            .map(r -> r.layer().substring(0, r.layer().indexOf('/')))
            .distinct()
            .toList()) {
      List<PeerReport.Row> these =
          rows.stream().filter(r -> r.layer().startsWith(list + "/")).toList();
      List<String> columns = libraries(these);
      s.append("<details><summary>").append(list).append(", layer by layer, µs</summary>\n\n");
      s.append("| layer | shape | batch | pass |");
      columns.forEach(c -> s.append(' ').append(c).append(" |"));
      s.append(" to the fastest |\n|---|---|---:|---|");
      s.append("---:|".repeat(columns.size() + 1)).append('\n');
      for (PeerReport.Row r : these) {
        head(s, r);
        columns.forEach(c -> s.append(cell(r, c, PeerReport.Entry::microseconds)));
        s.append(number(" %.2f |", r.ratio())).append('\n');
      }
      s.append('\n');
      problems(s, these);
      s.append("</details>\n\n");
    }
  }

  private static List<String> libraries(List<PeerReport.Row> rows) {
    return rows.stream()
        .flatMap(r -> r.entries().stream())
        .map(PeerReport.Entry::library)
        .distinct()
        .toList();
  }

  private static void head(StringBuilder s, PeerReport.Row r) {
    s.append("| ").append(name(r)).append(" | ");
    s.append(r.shape()).append(" | ").append(r.batch()).append(" | ");
    s.append(words(r.pass())).append(" |");
  }

  /** The name without its list. */
  static String name(PeerReport.Row r) {
    boolean listed = r.group().equals("layers") || r.group().equals("products");
    return listed ? r.layer().substring(r.layer().indexOf('/') + 1) : r.layer();
  }

  /** A library's fastest form; all of ours, as they are devices. */
  private static String cell(
      PeerReport.Row r, String library, Function<PeerReport.Entry, Double> value) {
    List<PeerReport.Entry> entries =
        library.equals(Tilework.NAME)
            ? r.entries().stream().filter(PeerReport.Entry::isOurs).toList()
            : fastest(r, library).stream().toList();
    boolean several = entries.size() > 1;
    String text =
        entries.stream()
            .map(
                e ->
                    e.microseconds() == null
                        ? "failed"
                        : short3(value.apply(e))
                            + (several || !e.isOurs() && !e.form().isEmpty() ? " " + e.form() : ""))
            .collect(Collectors.joining(", "));
    return " " + text + (text.isEmpty() ? "|" : " |");
  }

  /** Images, or 10^9 operations or bytes, a second. */
  static double rate(PeerReport.Row r, PeerReport.Entry e) {
    double us = e.microseconds();
    return r.flops() > 0
        ? r.flops() / us / 1e3
        : r.bytes() > 0 ? r.bytes() / us / 1e3 : r.batch() / us * 1e6;
  }

  private static void problems(StringBuilder s, List<PeerReport.Row> rows) {
    List<String> lines = new ArrayList<>();
    for (PeerReport.Row r : rows) {
      for (PeerReport.Entry e : r.entries()) {
        if (e.problem() != null) {
          lines.add(
              String.format(
                  Locale.ROOT,
                  "- %s, batch %d, %s, %s %s: %s%n",
                  r.layer(),
                  r.batch(),
                  words(r.pass()),
                  e.library(),
                  e.form(),
                  e.problem()));
        }
      }
    }
    lines.forEach(s::append);
    s.append(lines.isEmpty() ? "" : "\n");
  }

  /** A constant's name in words. */
  static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace("_grad", " gradient").replace('_', ' ');
  }

  private static String short3(double v) {
    return String.format(
        Locale.ROOT, v < 1 ? "%.3f" : v < 10 ? "%.2f" : v < 100 ? "%.1f" : "%.0f", v);
  }

  private static String number(String format, Double value) {
    return value == null
        ? format.endsWith("|") ? " |" : ""
        : String.format(Locale.ROOT, format, value);
  }
}
