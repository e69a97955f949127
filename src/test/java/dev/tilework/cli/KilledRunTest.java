package dev.tilework.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed while it trains loses nothing but the epoch it was in. */
class KilledRunTest {
  private static final List<String> RUN =
      List.of(
          "train",
          "--images",
          "200",
          "--image-size",
          "16",
          "--epochs",
          "12",
          "--batch",
          "10",
          "--seed",
          "9",
          "--quiet",
          "--out");

  @TempDir Path folder;

  @Test
  void resumesToTheSameBits() throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    Path killed = folder.resolve("killed");
    assertEquals(0, Invocation.of(with(whole).toArray()).exitCode());

    Process process = start(killed);
    try {
      while (!Files.exists(killed.resolve("last.safetensors"))) {
        assertTrue(process.isAlive(), () -> "the run ended early: " + output(process));
        TimeUnit.MILLISECONDS.sleep(5);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertFalse(Files.exists(killed.resolve("model.safetensors")), "killed too late to tell");

    Invocation resumed = Invocation.of("train", "--resume", killed);
    assertEquals(0, resumed.exitCode(), resumed.err());
    assertTrue(resumed.out().contains("resumed after "), resumed.out());
    assertArrayEquals(
        Files.readAllBytes(whole.resolve("model.safetensors")),
        Files.readAllBytes(killed.resolve("model.safetensors")));
  }

  private static Process start(Path out) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    // The tests may run at a vector width of their choice, which changes the bits.
    System.getProperties().stringPropertyNames().stream()
        .filter(n -> n.startsWith("tilework."))
        .forEach(n -> command.add("-D" + n + "=" + System.getProperty(n)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(with(out));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static List<String> with(Path out) {
    List<String> args = new ArrayList<>(RUN);
    args.add(out.toString());
    return args;
  }

  private static String output(Process p) {
    try {
      return new String(p.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
