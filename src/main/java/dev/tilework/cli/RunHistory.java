package dev.tilework.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tilework.metrics.History;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a run measured in each epoch, kept in its folder beside the weights. */
final class RunHistory {
  private static final String FILE = "history.json";
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private RunHistory() {}

  static void write(Path folder, History history) throws IOException {
    Files.write(folder.resolve(FILE), JSON.writeValueAsBytes(history));
  }

  /** The history of the run that wrote a file; without an epoch where there is none beside it. */
  static History beside(Path weights) {
    Path file = weights.resolveSibling(FILE);
    if (!Files.isRegularFile(file)) {
      return History.EMPTY;
    }
    try {
      return JSON.readValue(file.toFile(), History.class);
    } catch (IOException e) {
      throw new UserError("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
