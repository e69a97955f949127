package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guides in docs/: their Java compiles, what is a program runs to its end, and their links lead
 * somewhere. The programs of a guide run in one folder, one after the other.
 */
class GuidesTest {
  /** Its Java is compared with classes that OwnKernelTest uses. */
  private static final Path OWN_TEST = Path.of("own-kernels.md");

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicNode> guides() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("docs"))) {
      List<Path> guides = files.filter(f -> f.toString().endsWith(".md")).sorted().toList();
      assertTrue(guides.size() >= 8, "guides: " + guides);
      return guides.stream().map(this::guide);
    }
  }

  private DynamicNode guide(Path file) {
    List<DynamicNode> tests = new ArrayList<>();
    try {
      Path own = Files.createDirectories(folder.resolve(file.getFileName().toString()));
      int number = 0;
      List<String> blocks = file.endsWith(OWN_TEST) ? List.of() : Snippets.of(file);
      for (String code : blocks) {
        Path classes = own.resolve("classes" + ++number);
        tests.add(dynamicTest("Java " + number, () -> check(code, own, classes)));
      }
      for (String link : Snippets.links(file)) {
        Path to = file.resolveSibling(link);
        tests.add(dynamicTest("link " + link, () -> assertTrue(Files.exists(to), "no " + to)));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return dynamicContainer(file.getFileName().toString(), tests);
  }

  private static void check(String code, Path own, Path classes) throws Exception {
    Snippets.compile(code, Files.createDirectories(classes));
    if (!Snippets.isProgram(code)) {
      return;
    }
    GuideFiles.provide(code, own);
    // JUnit and the other classes of tests are not for a user's program.
    List<String> path = new ArrayList<>(List.of(classes.toString()));
    for (String entry :
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
            .split(File.pathSeparator)) {
      if (!entry.endsWith("test-classes")) {
        path.add(entry);
      }
    }
    Process p =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-Xmx1g",
                "-Dtilework.device=cpu",
                "-cp",
                String.join(File.pathSeparator, path),
                "First")
            .directory(own.toFile())
            .redirectErrorStream(true)
            .start();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, p.waitFor(), out + "\n" + code);
  }
}
