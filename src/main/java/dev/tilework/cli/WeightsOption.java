package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.Weights;
import dev.tilework.models.Models;
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

  /** A network in inference mode and what describes it. */
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
      ModelCard card = card();
      Module network = Models.create(card.model(), card.classes().size(), device, 0);
      try {
        Weights.load(file, network);
      } catch (IOException | RuntimeException | Error e) {
        network.close();
        throw e;
      }
      network.train(false);
      return new Model(card, network);
    } catch (IOException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  private ModelCard card() throws IOException {
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      return ModelCard.of(f.metadata());
    } catch (IllegalArgumentException e) {
      throw new UserError(file + ": " + e.getMessage(), e);
    }
  }

  Path file() {
    return file;
  }
}
