package dev.tilework.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The document about performance says what the files of results say, and nothing else. */
class PerformanceDocumentTest {
  private static final String EMPTY =
      """
      Before.
      <!-- peers: drawn from bench/results -->
      <!-- end of peers -->
      <!-- gpu: drawn from bench/results -->
      old
      <!-- end of gpu -->
      Between.
      <!-- cpu: drawn from bench/results -->
      <!-- end of cpu -->
      """;

  private static final String README =
      """
      A README.
      <!-- peers: drawn from bench/results -->
      <!-- end of peers -->
      """;

  @TempDir Path root;

  @Test
  void theDocumentIsWhatTheResultsSay() throws IOException {
    PerformanceDocument document = new PerformanceDocument(Path.of("."));
    Map<String, String> files = document.files();
    for (Map.Entry<String, String> f : files.entrySet()) {
      Path file = Path.of(f.getKey());
      String there = Files.exists(file) ? Files.readString(file) : "";
      assertEquals(
          f.getValue(), there, file + " is not what bench/results says: run PerformanceDocument");
    }
    List<String> pictures =
        document.pictures().stream().map(p -> "docs/" + p.getFileName()).toList();
    assertEquals(
        files.keySet().stream().filter(n -> n.endsWith(".svg")).toList(), pictures, "pictures");
  }

  private void project(String document) throws IOException {
    Files.createDirectories(root.resolve("docs"));
    Files.createDirectories(root.resolve("bench").resolve("results"));
    Files.writeString(root.resolve("docs").resolve("performance.md"), document);
    Files.writeString(root.resolve("README.md"), README);
  }

  private String draw() throws IOException {
    PerformanceDocument.main(root.toString());
    return Files.readString(root.resolve("docs").resolve("performance.md"));
  }

  @Test
  void whatIsNotMeasuredIsSaidNotToBe() throws IOException {
    project(EMPTY);
    String text = draw();
    assertTrue(text.startsWith("Before.\n"), text);
    assertTrue(text.contains("No GPU has been measured yet"), text);
    assertTrue(text.contains("No processor has been measured yet"), text);
    assertTrue(text.contains("Between."), text);
    assertFalse(text.contains("old"), text);
  }

  @Test
  void aDocumentWithoutMarksIsRefused() throws IOException {
    project("nothing");
    assertThrows(IllegalStateException.class, this::draw);
  }

  private static SuiteReport.Row row(
      String group, String layer, String pass, Double tflops, Double ratio, String problem) {
    return new SuiteReport.Row(
        group,
        layer,
        "toy",
        2,
        pass,
        Precision.BF16,
        1,
        5.0,
        4.0,
        6.0,
        3L,
        tflops,
        7.25,
        0.5,
        11.5,
        null,
        ratio,
        problem);
  }

  @Test
  void aResultOfTheSuiteIsShownAndANewerOneTakesItsPlace() throws IOException {
    project(EMPTY);
    Path results = root.resolve("bench").resolve("results");
    report("2001-01-01", 77.0).write(results.resolve("a.json"));
    report("2001-01-02", 88.0).write(results.resolve("b.json"));
    String text = draw();
    assertTrue(text.contains("### a toy"), text);
    assertTrue(text.contains("| resnet50/conv1 | 2 | forward | 88.0 (2.00) |"), text);
    assertTrue(text.contains("| resnet50/conv1 | 2 | data gradient | failed |"), text);
    assertTrue(text.contains("| copy | toy | 7.3 | 50 % |"), text);
    assertTrue(text.contains("| resnet50 | 2 | forward | BF16 | 1 | 2.00 |"), text);
    assertTrue(text.contains("b.json"), text);
    assertFalse(text.contains("77.0"), text);
    String picture = Files.readString(root.resolve("docs/performance-a-toy-resnet50.svg"));
    // 88 of an axis that ends at 100.
    assertTrue(picture.contains("width=\"457.6\""), picture);
  }

  private static SuiteReport report(String day, double tflops) {
    List<SuiteReport.Row> rows =
        List.of(
            row("layers", "resnet50/conv1", "FORWARD", tflops, 2.0, null),
            row("layers", "resnet50/conv1", "DATA_GRAD", null, null, "out of memory"),
            row("memory", "copy", "MEMORY", null, null, null));
    return new SuiteReport(
        "gpu",
        "a toy",
        "1",
        "25",
        "none",
        "0123",
        day + "T00:00:00Z",
        "passed",
        "passed",
        "passed",
        "a library",
        true,
        7.25,
        SuiteReport.means(rows),
        rows);
  }
}
