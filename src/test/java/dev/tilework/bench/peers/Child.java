package dev.tilework.bench.peers;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts processes of this Java. */
final class Child {
  private Child() {}

  /**
   * A process that is not started yet.
   *
   * @param library whose files come to the class path
   * @param vectors whether the Vector API is there, which costs time to load
   * @param devices of this library
   */
  static ProcessBuilder java(
      Library library, Class<?> main, boolean vectors, String devices, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (vectors) {
      command.add("--add-modules=jdk.incubator.vector");
    }
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dbench.devices=" + devices);
    command.addAll(inherited());
    command.add("-cp");
    command.add(
        Stream.concat(
                library.classPath().stream().map(Path::toString),
                Stream.of(System.getProperty("java.class.path")))
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(main.getName());
    command.addAll(Arrays.asList(arguments));
    return new ProcessBuilder(command);
  }

  private static List<String> inherited() {
    return System.getProperties().stringPropertyNames().stream()
        .filter(n -> n.startsWith("tilework."))
        .map(n -> "-D" + n + "=" + System.getProperty(n))
        .toList();
  }

  /** Ends a process and waits until it is gone. */
  static void end(Process process) {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a process ended with. */
  static String outcome(Process process) throws IOException {
    try {
      return "its process ended with exit code " + process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
