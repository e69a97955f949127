package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README promises: its Java compiles, its links lead somewhere. */
class ReadmeTest {
  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");

  @Test
  void javaCompiles(@TempDir Path out) throws IOException {
    List<String> blocks = matches(JAVA);
    assertTrue(blocks.size() >= 2, "Java in README.md");
    for (String code : blocks) {
      // A file without a class is an entry point; a fragment that has none gets one.
      boolean entry = code.contains("void main()");
      compile(entry ? code : code + "\nvoid main() {}\n", out);
    }
  }

  private static void compile(String code, Path out) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("string:///First.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
          }
        };
    List<String> options =
        List.of("-d", out.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
    compiler.getTask(null, null, found, options, null, List.of(source)).call();
    List<Diagnostic<? extends JavaFileObject>> errors =
        found.getDiagnostics().stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR).toList();
    assertEquals(List.of(), errors, code);
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> links = matches(LINK);
    assertTrue(links.size() >= 5, "links in README.md");
    for (String link : links) {
      assertTrue(Files.exists(Path.of(link)), "README.md links to " + link);
    }
  }

  private static List<String> matches(Pattern p) throws IOException {
    return p.matcher(Files.readString(Path.of("README.md")))
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }
}
