package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/** The Java in a document. */
final class Snippets {
  private static final Pattern JAVA = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#[^)]*)?\\)");

  private Snippets() {}

  /** The blocks of Java in a document. */
  static List<String> of(Path document) throws IOException {
    return matches(document, JAVA);
  }

  /** What a document links to, beside other sites. */
  static List<String> links(Path document) throws IOException {
    return matches(document, LINK);
  }

  /** Whether it is a program, and not only declarations. */
  static boolean isProgram(String code) {
    return code.contains("void main()");
  }

  /** Compiles a block into a folder, as the class First. */
  static void compile(String code, Path folder) {
    // A file without a class is an entry point; a fragment that has none gets one.
    String whole = isProgram(code) ? code : code + "\nvoid main() {}\n";
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    JavaFileObject source =
        new SimpleJavaFileObject(URI.create("string:///First.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return whole;
          }
        };
    List<String> options =
        List.of(
            "-d",
            folder.toString(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "-proc:none");
    compiler.getTask(null, null, found, options, null, List.of(source)).call();
    List<Diagnostic<? extends JavaFileObject>> errors =
        found.getDiagnostics().stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR).toList();
    assertEquals(List.of(), errors, code);
  }

  private static List<String> matches(Path document, Pattern p) throws IOException {
    return p.matcher(Files.readString(document))
        .results()
        .map((MatchResult m) -> m.group(1))
        .toList();
  }
}
