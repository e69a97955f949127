package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README promises: its Java compiles, its links lead somewhere. */
class ReadmeTest {
  private static final Path README = Path.of("README.md");

  @Test
  void javaCompiles(@TempDir Path out) throws IOException {
    List<String> blocks = Snippets.of(README);
    assertTrue(blocks.size() >= 2, "Java in README.md");
    blocks.forEach(code -> Snippets.compile(code, out));
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> links = Snippets.links(README);
    assertTrue(links.size() >= 5, "links in README.md");
    for (String link : links) {
      assertTrue(Files.exists(Path.of(link)), "README.md links to " + link);
    }
  }
}
