package dev.tilework.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.bench.peers.PeerResults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Draws {@code docs/performance.md} from the files in {@code bench/results/} and nothing else:
 * rewrites what stands between its marks, the pictures beside it, and the README's lines about
 * peers.
 */
public final class PerformanceDocument {
  private static final String NAME = "docs/performance.md";
  private static final String README = "README.md";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path root;
  private final CpuResults cpu = new CpuResults();
  private final GpuResults gpu = new GpuResults();
  private final PeerResults peers = new PeerResults();

  /**
   * Reads the results.
   *
   * @param root the project's folder
   */
  PerformanceDocument(Path root) throws IOException {
    this.root = root;
    record Result(String name, JsonNode report) {}
    List<Result> results = new ArrayList<>();
    try (Stream<Path> files = Files.list(root.resolve("bench").resolve("results"))) {
      for (Path f : files.filter(p -> p.toString().endsWith(".json")).toList()) {
        results.add(new Result(f.getFileName().toString(), MAPPER.readTree(f.toFile())));
      }
    }
    results.sort(
        Comparator.comparing((Result r) -> r.report().required("date").asText())
            .thenComparing(Result::name));
    for (Result r : results) {
      switch (r.report().path("kind").asText()) {
        case "gpu" -> gpu.add(r.name(), r.report());
        case "peers" -> peers.add(r.name(), r.report());
        default -> cpu.add(r.name(), r.report());
      }
    }
  }

  /** Rewrites the document of the project in the folder that is given, or in the current one. */
  public static void main(String... args) throws IOException {
    PerformanceDocument document =
        new PerformanceDocument(Path.of(args.length == 0 ? "." : args[0]));
    for (Path old : document.pictures()) {
      Files.delete(old);
    }
    for (Map.Entry<String, String> file : document.files().entrySet()) {
      Files.writeString(document.root.resolve(file.getKey()), file.getValue());
    }
  }

  /** The pictures that lie beside the document now. */
  List<Path> pictures() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("docs"))) {
      return files
          .filter(p -> p.getFileName().toString().matches("performance-.*\\.svg"))
          .sorted()
          .toList();
    }
  }

  /** What the files should hold, by their paths from the project's folder. */
  Map<String, String> files() throws IOException {
    Map<String, String> pictures = new TreeMap<>();
    String text = Files.readString(root.resolve(NAME));
    text = between(NAME, text, "peers", peers.markdown(pictures));
    text = between(NAME, text, "gpu", gpu.markdown(pictures));
    text = between(NAME, text, "cpu", cpu.markdown(pictures));
    Map<String, String> files = new TreeMap<>();
    pictures.forEach((name, picture) -> files.put("docs/" + name, picture));
    files.put(NAME, text);
    String readme = Files.readString(root.resolve(README));
    files.put(README, between(README, readme, "peers", peers.readme()));
    return files;
  }

  private static String between(String file, String text, String mark, String content) {
    String begin = "<!-- " + mark + ": drawn from bench/results -->\n";
    String end = "<!-- end of " + mark + " -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException(
          file + " has no lines '" + begin.strip() + "', '" + end + "'");
    }
    String inner = content.isBlank() ? "" : "\n" + content.strip() + "\n\n";
    return text.substring(0, from + begin.length()) + inner + text.substring(to);
  }

  /** A constant's name in words: {@code data gradient}. */
  static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace("_grad", " gradient").replace('_', ' ');
  }
}
