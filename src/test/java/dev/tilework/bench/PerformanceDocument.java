package dev.tilework.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
 * rewrites what stands between its marks, and the pictures beside it.
 */
public final class PerformanceDocument {
  private static final String NAME = "performance.md";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path docs;
  private final CpuResults cpu = new CpuResults();
  private final GpuResults gpu = new GpuResults();

  /**
   * Reads the results.
   *
   * @param root the project's folder
   */
  PerformanceDocument(Path root) throws IOException {
    docs = root.resolve("docs");
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
      if (r.report().path("kind").asText().equals("gpu")) {
        gpu.add(r.name(), r.report());
      } else {
        cpu.add(r.name(), r.report());
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
      Files.writeString(document.docs.resolve(file.getKey()), file.getValue());
    }
  }

  /** The pictures that lie beside the document now. */
  List<Path> pictures() throws IOException {
    try (Stream<Path> files = Files.list(docs)) {
      return files
          .filter(p -> p.getFileName().toString().matches("performance-.*\\.svg"))
          .sorted()
          .toList();
    }
  }

  /** What the files in {@code docs/} should hold, by their names. */
  Map<String, String> files() throws IOException {
    Map<String, String> files = new TreeMap<>();
    String text = Files.readString(docs.resolve(NAME));
    text = between(text, "gpu", gpu.markdown(files));
    text = between(text, "cpu", cpu.markdown(files));
    files.put(NAME, text);
    return files;
  }

  private static String between(String text, String mark, String content) {
    String begin = "<!-- " + mark + ": drawn from bench/results -->\n";
    String end = "<!-- end of " + mark + " -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException(
          NAME + " has no lines '" + begin.strip() + "', '" + end + "'");
    }
    return text.substring(0, from + begin.length())
        + "\n"
        + content.strip()
        + "\n\n"
        + text.substring(to);
  }

  /** A constant's name in words: {@code data gradient}. */
  static String words(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace("_grad", " gradient").replace('_', ' ');
  }
}
