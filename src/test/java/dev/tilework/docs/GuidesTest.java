package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Sample;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The guides in docs/: their Java compiles, what is a program runs to its end, and their links lead
 * somewhere. The programs of a guide run in one folder, one after the other, with images in {@code
 * photos}.
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
    if (code.contains("\"photos\"") && !Files.exists(own.resolve("photos"))) {
      photos(own.resolve("photos"));
    }
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

  /** Generated images of three classes. */
  private static void photos(Path to) throws IOException {
    Dataset shapes = new GeneratedShapes(150, 7);
    ImageSize size = shapes.imageSize();
    for (int i = 0; i < shapes.size(); i++) {
      Sample s = shapes.sample(i);
      if (s.label() > 2) {
        continue;
      }
      BufferedImage image =
          new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
      for (int k = 0; k < size.width() * size.height(); k++) {
        byte[] b = s.pixels();
        int rgb = (b[3 * k] & 0xFF) << 16 | (b[3 * k + 1] & 0xFF) << 8 | b[3 * k + 2] & 0xFF;
        image.setRGB(k % size.width(), k / size.width(), rgb);
      }
      Path file = to.resolve(shapes.classes().get(s.label())).resolve(i + ".png");
      Files.createDirectories(file.getParent());
      ImageIO.write(image, "png", file.toFile());
    }
  }
}
