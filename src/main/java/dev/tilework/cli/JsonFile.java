package dev.tilework.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --json}, shared by all commands: the result as a file for machines to read. */
final class JsonFile {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  @Option(
      names = "--json",
      paramLabel = "<file>",
      description = "Also write the result to a file as JSON.")
  private Path file;

  /** Writes maps, lists, records and plain values, where a file was asked for. */
  void write(Object result) {
    if (file == null) {
      return;
    }
    try {
      Path parent = file.toAbsolutePath().getParent();
      Files.createDirectories(parent);
      Files.write(file, MAPPER.writeValueAsBytes(result));
    } catch (IOException e) {
      throw new UserError("cannot write " + file + ": " + e, e);
    }
  }
}
