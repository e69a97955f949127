package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.nn.Module;
import dev.tilework.train.ModelCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option {@code --weights}: a model that {@code tilework train} wrote. */
final class WeightsOption {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "<file>",
      description = "A model.safetensors that 'tilework train' wrote.")
  private Path file;

  /** A network and what describes it. */
  record Model(ModelCard card, Module network) implements AutoCloseable {
    @Override
    public void close() {
      network.close();
    }
  }

  Model load(Device device) {
    if (!Files.isRegularFile(file)) {
      throw new UserError("there is no file " + file);
    }
    try {
      ModelCard card = ModelCard.read(file);
      return new Model(card, card.load(file, device));
    } catch (IOException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  Path file() {
    return file;
  }
}
