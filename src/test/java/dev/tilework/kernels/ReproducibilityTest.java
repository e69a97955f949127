package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The same bits, however many threads of the CPU share the work. */
class ReproducibilityTest {
  @Test
  void theNumberOfThreadsDoesNotShow() throws IOException, InterruptedException {
    Process one = digest(1);
    Process three = digest(3);
    String ofThree = output(three);
    String ofOne = output(one);
    assertTrue(ofOne.lines().count() >= Samples.all().size(), "a line an operation: " + ofOne);
    assertEquals(
        ofOne.lines().collect(Collectors.joining("\n")),
        ofThree.lines().collect(Collectors.joining("\n")),
        "checksums with 1 and with 3 threads");
  }

  private static Process digest(int threads) throws IOException {
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Dtilework.cpu.threads=" + threads,
                "-Dtilework.test.seed=" + Samples.SEED,
                "-cp",
                path,
                OutputDigest.class.getName()))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static String output(Process p) throws IOException, InterruptedException {
    String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, p.waitFor(), "exit status; it printed:\n" + text);
    return text;
  }
}
