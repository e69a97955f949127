package dev.tilework.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tilework.kernels.Op;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of operations in the documentation names each operation once, and no other. */
class OperationsTableTest {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(\\w+Op\\.\\w+)` \\| .+ \\| .+ \\|$");

  @Test
  void namesEveryOperation() throws IOException {
    TreeSet<String> declared = new TreeSet<>();
    collect(Op.class, declared);
    TreeSet<String> documented = new TreeSet<>();
    ROW.matcher(Files.readString(Path.of("docs/operations.md")))
        .results()
        .forEach(m -> documented.add(m.group(1)));
    assertEquals(declared, documented, "operations declared, and documented in docs/operations.md");
  }

  private static void collect(Class<?> type, TreeSet<String> names) {
    if (type.isRecord()) {
      names.add(type.getEnclosingClass().getSimpleName() + "." + type.getSimpleName());
    } else {
      for (Class<?> c : type.getPermittedSubclasses()) {
        collect(c, names);
      }
    }
  }
}
