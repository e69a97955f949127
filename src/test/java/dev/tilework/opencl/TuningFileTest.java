package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.kernels.Tunable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tunings on disk: those that fit, and whatever else may stand in a file. */
class TuningFileTest {
  private static final ClDevice CARD = card(256, 32 << 10);
  private static final Tuning STANDARD = Tuning.standard(Profile.GPU, CARD);
  private static final String PROPERTY = "tilework.opencl.tuning";

  @TempDir Path folder;

  private static ClDevice card(int workGroup, long localMemory) {
    int[] items = {workGroup, workGroup, workGroup};
    return new ClDevice(
        null,
        1,
        "A Card (TM) 5",
        "12.3",
        "Platform",
        true,
        10,
        workGroup,
        items,
        localMemory,
        1L << 30,
        1L << 32);
  }

  @AfterEach
  void forget() {
    System.clearProperty(PROPERTY);
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("tuning.json"), text);
  }

  private Path parameters(String text) throws IOException {
    return file(
        "{\"device\": \"A Card (TM) 5\", \"profile\": \"GPU\", \"parameters\": " + text + "}");
  }

  private static List<String> found(Path file) {
    System.setProperty(PROPERTY, file.toString());
    return TuningFile.find(CARD, Profile.GPU).differences(STANDARD);
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Tuning t = STANDARD.with(Parameter.LOCAL_K, 8).with(Parameter.LINEAR_GROUP, 128);
    Tunable.Rate rate = new Tunable.Rate("matmul", "GFLOP/s", 100, 125.5);
    TuningFile written =
        TuningFile.of(CARD, Profile.GPU, "2026-01-02", new Tuner.Result(t, List.of(rate)));
    Path file = folder.resolve("a/b/tuning.json");
    written.write(file);
    written.write(file);
    assertEquals(written, TuningFile.read(file));
    assertEquals(List.of("LINEAR_GROUP=128", "LOCAL_K=8"), found(file));
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertEquals(1, files.count());
    }
    String text = Files.readString(file);
    for (String s : List.of("A Card (TM) 5", "12.3", "\"GPU\"", "2026-01-02", "LOCAL_M", "125.5")) {
      assertTrue(text.contains(s), s + " is not in " + text);
    }
    assertTrue(!text.contains("REGISTER_ROWS"), text);
  }

  @Test
  void theFileOfADevice() {
    assertEquals(
        Path.of(System.getProperty("user.home"), ".tilework/opencl/a-card-tm-5.json"),
        TuningFile.standard(CARD, Profile.GPU));
    assertEquals(
        Path.of(System.getProperty("user.home"), ".tilework/opencl/a-card-tm-5-cpu.json"),
        TuningFile.standard(CARD, Profile.CPU));
  }

  @Test
  void parametersThatAreNotNamedAreStandard() throws IOException {
    assertEquals(List.of("LOCAL_N=128"), found(parameters("{\"LOCAL_N\": 128}")));
    assertEquals(List.of(), found(parameters("{}")));
  }

  private static void assertRefused(Path file, String... words) {
    RuntimeException e =
        assertThrows(
            IllegalArgumentException.class, () -> TuningFile.read(file).tuning(CARD, Profile.GPU));
    for (String w : words) {
      assertTrue(e.getMessage().contains(w), "'" + w + "' is not in: " + e.getMessage());
    }
    assertEquals(List.of(), found(file));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"device\":",
        "{\"device\": \"A Card (TM) 5\", \"profile\": \"TPU\", \"parameters\": {}}",
        "{\"device\": \"A Card (TM) 5\", \"profile\": \"GPU\", \"parameters\": [64]}",
        "{\"device\": \"A Card (TM) 5\", \"profile\": \"GPU\", \"parameters\": {}} more",
        "{\"device\": \"A Card (TM) 5\", \"profile\": \"GPU\", \"parameters\": {}, \"more\": 1}",
      })
  void whatIsNoTuningIsRefused(String text) throws IOException {
    assertRefused(file(text), "tuning.json holds no tuning");
  }

  @Test
  void illegalValuesAreRefused() throws IOException {
    assertRefused(parameters("{\"LOCAL_M\": 63}"), "LOCAL_M=63", "[32, 64, 128]");
    assertRefused(parameters("{\"LOCAL_M\": null}"), "LOCAL_M", "no value");
    assertRefused(parameters("{\"LOCAL_MM\": 64}"), "no parameter LOCAL_MM", "LOCAL_M,");
    assertRefused(parameters("{\"LOCAL_M\": \"large\"}"), "holds no tuning");
    assertRefused(parameters("{\"LOCAL_M\": 64.5}"), "holds no tuning");
    assertRefused(
        parameters("{\"LOCAL_M\": 32, \"LOCAL_COLUMNS\": 8}"), "does not fit", "LOCAL_ROWS");
    // 512 work-items, where the device allows 256.
    assertRefused(
        parameters("{\"LOCAL_M\": 128, \"LOCAL_N\": 128, \"LOCAL_K\": 32, \"LOCAL_ROWS\": 8}"),
        "does not fit",
        "512",
        "256");
  }

  @Test
  void anotherDevicesTuningIsRefused() throws IOException {
    assertRefused(
        file("{\"device\": \"Other\", \"profile\": \"GPU\", \"parameters\": {}}"),
        "Other",
        "A Card (TM) 5");
    assertRefused(
        file("{\"device\": \"A Card (TM) 5\", \"profile\": \"CPU\", \"parameters\": {}}"),
        "kernels for a CPU",
        "kernels for a GPU");
  }

  @Test
  void aFileThatIsNotThereIsNoReasonToFail() {
    assertEquals(List.of(), found(folder.resolve("nothing.json")));
    assertEquals(List.of(), found(folder));
    System.setProperty(PROPERTY, "a\0b");
    assertEquals(List.of(), TuningFile.find(CARD, Profile.GPU).differences(STANDARD));
  }

  @Test
  void aSmallDeviceHasSmallerTiles() {
    ClDevice small = card(64, 8 << 10);
    assertEquals(LocalTile.SMALLEST, LocalTile.of(Tuning.standard(Profile.GPU, small)));
    assertEquals(Profile.GPU, small.profile());
    assertEquals(Profile.CPU, card(32, 8 << 10).profile());
    assertEquals(Profile.CPU, card(256, 2 << 10).profile());
  }

  /** What the kernels of matmul_local.cl and conv_local.cl take for granted. */
  @Test
  void legalTilesAreSharedEvenly() {
    int legal = 0;
    for (int m : Parameter.LOCAL_M.legal()) {
      for (int n : Parameter.LOCAL_N.legal()) {
        for (int k : Parameter.LOCAL_K.legal()) {
          for (int rows : Parameter.LOCAL_ROWS.legal()) {
            for (int columns : Parameter.LOCAL_COLUMNS.legal()) {
              LocalTile t = new LocalTile(m, n, k, rows, columns);
              if (t.illegal() == null) {
                legal++;
                assertEquals(0, m * k / 4 % t.group(), t.toString());
                assertEquals(0, n * k / 4 % t.group(), t.toString());
                assertEquals(0, t.group() % k, t.toString());
                assertEquals(0, t.group() % n, t.toString());
              }
            }
          }
        }
      }
    }
    assertTrue(legal > 30, legal + " tiles");
    assertEquals(null, LocalTile.SMALLEST.illegal());
    assertEquals(null, LocalTile.of(STANDARD).illegal());
  }
}
