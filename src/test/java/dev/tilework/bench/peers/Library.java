package dev.tilework.bench.peers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A library's files.
 *
 * @param name as {@code --peers} takes it
 * @param classPath what its process needs beside this one's class path
 * @param megabytes the jars that a user of the library downloads, in 10^6 bytes; null where there
 *     are none to count
 * @param problem why it cannot run; null where nothing is known to be wrong
 */
record Library(String name, List<Path> classPath, Double megabytes, String problem) {
  /**
   * This one.
   *
   * @param bundle the jar of it and of all that it needs on one system; null where there is none
   */
  static Library ours(Path bundle) {
    List<Path> jars = bundle == null ? List.of() : List.of(bundle);
    return new Library(Tilework.NAME, List.of(), megabytes(jars), null);
  }

  /**
   * A peer built in a folder: {@code target/classes}, and {@code target/lib} with what a user of it
   * downloads. A file {@code target/problem.txt} says why it was not built.
   */
  static Library peer(String name, Path folder) {
    Path target = folder.resolve("target");
    Path classes = target.resolve("classes");
    Path problem = target.resolve("problem.txt");
    try {
      if (Files.exists(problem)) {
        return new Library(name, List.of(), null, Files.readString(problem).strip());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!Files.isDirectory(classes)) {
      return new Library(name, List.of(), null, "it was not built: there is no " + classes);
    }
    List<Path> jars = list(target.resolve("lib"));
    List<Path> all = new ArrayList<>();
    all.add(classes);
    all.addAll(jars);
    return new Library(name, all, megabytes(jars), null);
  }

  private static List<Path> list(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(p -> p.toString().endsWith(".jar"))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Double megabytes(List<Path> jars) {
    long bytes = 0;
    try {
      for (Path jar : jars) {
        bytes += Files.size(jar);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return jars.isEmpty() ? null : (Double) (bytes / 1e6);
  }
}
