package dev.tilework.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one jar that the profile {@code bundle} makes, run as a user runs it. */
class BundleIT {
  private static final long MOST_BYTES = 15_000_000;

  private static Path jar;

  @TempDir Path folder;

  @BeforeAll
  static void find() {
    String file = System.getProperty("tilework.test.bundle");
    Assumptions.assumeTrue(file != null, "there is no bundle without the profile of that name");
    jar = Path.of(file);
  }

  private record Run(int exitCode, String output) {}

  private Run run(List<String> options, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--add-modules", "jdk.incubator.vector", "-Xmx1g"));
    command.addAll(options);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(List.of(arguments));
    Process p =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(p.waitFor(), out);
  }

  @Test
  void isSmall() throws IOException {
    assertTrue(Files.size(jar) < MOST_BYTES, jar + " has " + Files.size(jar) + " bytes");
  }

  @Test
  void findsDevicesAndSaysWhyOthersAreMissing() throws IOException, InterruptedException {
    // No driver, wherever this runs.
    Run r = run(List.of("-Dtilework.cuda.driver=" + folder.resolve("libcuda.so.1")), "devices");
    assertEquals(0, r.exitCode, r.output);
    assertTrue(r.output.lines().anyMatch(l -> l.startsWith("cpu ")), r.output);
    assertTrue(r.output.lines().anyMatch(l -> l.startsWith("cuda ")), r.output);
    assertFalse(r.output.contains("\tat "), r.output);
  }

  @Test
  void loadsTheNativeLibrariesOfJcuda() throws IOException, InterruptedException {
    Path standIn = Path.of("target", "stand-in").toAbsolutePath();
    Path driver = standIn.resolve("libcuda.so.1");
    Assumptions.assumeTrue(Files.exists(driver), "no stand-in for the CUDA driver");
    Run r =
        run(
            List.of(
                "-Dtilework.cuda.driver=" + driver,
                "-Dtilework.cuda.module=" + standIn.resolve("kernels.so")),
            "devices");
    assertEquals(0, r.exitCode, r.output);
    assertTrue(r.output.lines().anyMatch(l -> l.matches("cuda +cuda:0 +yes .*")), r.output);
  }

  @Test
  void trains() throws IOException, InterruptedException {
    Run r =
        run(
            List.of("-Dtilework.cpu.threads=1"),
            "train",
            "--device=cpu",
            "--model=resnet8",
            "--images=64",
            "--epochs=1",
            "--out=" + folder.resolve("run"));
    assertEquals(0, r.exitCode, r.output);
    assertTrue(Files.exists(folder.resolve("run").resolve("model.safetensors")), r.output);
  }
}
