package dev.tilework.serve;

import dev.tilework.Device;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.Weights;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.ModelCard;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A trained network as bytes, with all that is needed to use it: they are those of the {@code
 * model.safetensors} that {@code tilework train} writes. It is {@link Serializable} and does not
 * change, so that an engine such as Spark can send it to many machines, each of which makes a
 * {@link Predictor} of it.
 *
 * <pre>{@code
 * SerializedModel model = SerializedModel.read(Path.of("runs/NAME/model.safetensors"));
 * // on each machine, once:
 * Predictor predictor = Predictor.of(model, Devices.best(), PredictorOptions.DEFAULT);
 * // for each image:
 * float[] logits = predictor.predict(
 *     model.card().normalization().apply(pixels), model.card().imageSize());
 * }</pre>
 */
public final class SerializedModel implements Serializable {
  private static final long serialVersionUID = 1L;

  private final byte[] bytes;

  private SerializedModel(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes the values of a network as they are now: one that the card's name {@linkplain Models
   * builds}, or a program's own, but not a fused one, whose values have other names.
   *
   * @throws IllegalArgumentException when they are more than an array holds, 2 GiB
   */
  public static SerializedModel of(Module network, ModelCard card) {
    return new SerializedModel(Weights.toBytes(network.state(), card.toMetadata()));
  }

  /**
   * Of bytes that {@link #toBytes} gave, which are copied.
   *
   * @throws IOException when they are not whole and valid, or have no {@link ModelCard} in them
   */
  public static SerializedModel of(byte[] bytes) throws IOException {
    return checked(bytes.clone());
  }

  /**
   * Of a file that a training run wrote.
   *
   * @throws IOException when it cannot be read, is not valid, or has no {@link ModelCard} in it
   */
  public static SerializedModel read(Path file) throws IOException {
    return checked(Files.readAllBytes(file));
  }

  private static SerializedModel checked(byte[] bytes) throws IOException {
    SerializedModel m = new SerializedModel(bytes);
    m.readCard();
    return m;
  }

  /** A copy of the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** What the network is, and which images it takes. */
  public ModelCard card() {
    try {
      return readCard();
    } catch (IOException e) {
      throw new IllegalStateException("a serialized model was damaged in memory", e);
    }
  }

  private ModelCard readCard() throws IOException {
    try (SafetensorsFile f = SafetensorsFile.of(bytes)) {
      return ModelCard.of(f.metadata());
    } catch (IllegalArgumentException e) {
      throw new IOException("not a serialized model: " + e.getMessage(), e);
    }
  }

  /**
   * Makes the network on a device, in inference mode.
   *
   * @throws IOException when its weights do not fit the model that its card names
   * @throws IllegalArgumentException when this library has no such model
   */
  public Module load(Device device) throws IOException {
    return load(device, card -> Models.build(card.model(), card.classes().size()));
  }

  /**
   * Makes a network that is none of this library's on a device, in inference mode.
   *
   * @param builder builds it, without values, by what is known of it
   */
  public Module load(Device device, Function<ModelCard, Module> builder) throws IOException {
    Module network = builder.apply(card());
    try (SafetensorsFile f = SafetensorsFile.of(bytes)) {
      network.init(device, 0);
      Weights.load(f, network.state());
      network.train(false);
      return network;
    } catch (IOException | RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }
}
