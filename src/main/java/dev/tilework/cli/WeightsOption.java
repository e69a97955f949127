package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.io.FormatException;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.TorchWeights;
import dev.tilework.io.Weights;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.ModelCard;
import dev.tilework.transfer.PublishedModel;
import dev.tilework.transfer.Transfer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/** The option {@code --weights}: a model that {@code tilework train} wrote, or a published one. */
final class WeightsOption {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "<file>",
      description =
          "A model.safetensors that 'tilework train' wrote; or, with --model, weights of torchvision"
              + " or timm as safetensors or .pth.")
  private Path file;

  @Option(
      names = "--model",
      converter = ModelOption.Known.class,
      completionCandidates = ModelOption.Names.class,
      paramLabel = "<name>",
      description = "The network of weights that were not written by 'tilework train'.")
  private String model;

  @Option(
      names = "--class-names",
      paramLabel = "<file>",
      description =
          "The names of the classes of such weights, one a line (default: 0, 1, and so on).")
  private Path classNames;

  /** A network in inference mode and what describes it. */
  record Model(ModelCard card, Module network) implements AutoCloseable {
    @Override
    public void close() {
      network.close();
    }
  }

  Model load(Device device) {
    return load(file, model, classNames, device);
  }

  /**
   * Loads a model of this library or a published one.
   *
   * @param model needed for the latter, else null or what the file says
   */
  static Model load(Path file, String model, Path classNames, Device device) {
    try {
      ModelCard card = own(file, model, classNames);
      return card == null ? published(file, model, classNames, device) : own(file, card, device);
    } catch (IOException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  /** What describes the model; for a published one without the names of its classes. */
  ModelCard card() {
    try {
      ModelCard card = own(file, model, classNames);
      return card != null
          ? card
          : ModelCard.of(model, List.of(), PublishedModel.of(model).preprocessing());
    } catch (IOException e) {
      throw new UserError(e.getMessage(), e);
    }
  }

  /** The card of a file of this library; null for a foreign one whose model is known. */
  private static ModelCard own(Path file, String model, Path classNames) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new UserError("there is no file " + file);
    }
    ModelCard card = card(file);
    if (card == null) {
      TorchWeights.open(file).close(); // What is wrong with the file comes before what is missing.
      if (model == null) {
        throw new UserError(
            file
                + " was not written by 'tilework train'; say with --model what its weights are for");
      }
      return null;
    }
    if (model != null && !model.equals(card.model()) || classNames != null) {
      throw new UserError(
          file
              + " says itself that it is "
              + card.model()
              + " and what its classes are; leave out --model and --class-names");
    }
    return card;
  }

  private static ModelCard card(Path file) throws IOException {
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      return ModelCard.isIn(f.metadata()) ? ModelCard.of(f.metadata()) : null;
    } catch (FormatException e) {
      return null;
    } catch (IllegalArgumentException e) {
      throw new UserError(file + ": " + e.getMessage(), e);
    }
  }

  private static Model own(Path file, ModelCard card, Device device) throws IOException {
    Module network = Models.create(card.model(), card.classes().size(), device, 0);
    try {
      Weights.load(file, network);
    } catch (IOException | RuntimeException | Error e) {
      network.close();
      throw e;
    }
    network.train(false);
    return new Model(card, network);
  }

  private static Model published(Path file, String model, Path classNames, Device device)
      throws IOException {
    PublishedModel published = PublishedModel.of(model);
    Module network = published.load(file, device);
    try {
      int classes = Transfer.classifier(network).outputs();
      List<String> names =
          classNames == null
              ? IntStream.range(0, classes).mapToObj(Integer::toString).toList()
              : Files.readAllLines(classNames).stream().filter(l -> !l.isBlank()).toList();
      if (names.size() != classes) {
        throw new UserError(
            classNames + " names " + names.size() + " classes, but " + file + " has " + classes);
      }
      return new Model(ModelCard.of(model, names, published.preprocessing()), network);
    } catch (IOException | RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  Path file() {
    return file;
  }
}
