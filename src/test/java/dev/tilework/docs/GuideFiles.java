package dev.tilework.docs;

import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.data.Sample;
import dev.tilework.io.Safetensors;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.serve.SerializedModel;
import dev.tilework.train.ModelCard;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import javax.imageio.ImageIO;

/** The files that the guides' programs read, made where a program names them. */
final class GuideFiles {
  private static final Dataset SHAPES = new GeneratedShapes(150, 7);
  private static final int CLASSES = 3;

  private GuideFiles() {}

  /** Makes those that are named in the code and not there yet. */
  static void provide(String code, Path folder) throws IOException {
    if (code.contains("\"photos\"") && !Files.exists(folder.resolve("photos"))) {
      photos(folder.resolve("photos"));
    }
    if (code.contains("\"image.png\"")) {
      write(SHAPES.sample(0), folder.resolve("image.png"));
    }
    if (code.contains("\"model.safetensors\"")) {
      model(folder.resolve("model.safetensors"));
    }
    if (code.contains("\"resnet18.safetensors\"")) {
      published(folder.resolve("resnet18.safetensors"));
    }
  }

  /** A folder for each of some classes. */
  private static void photos(Path to) throws IOException {
    for (int i = 0; i < SHAPES.size(); i++) {
      Sample s = SHAPES.sample(i);
      if (s.label() < CLASSES) {
        write(s, to.resolve(SHAPES.classes().get(s.label())).resolve(i + ".png"));
      }
    }
  }

  private static void write(Sample s, Path file) throws IOException {
    ImageSize size = SHAPES.imageSize();
    BufferedImage image =
        new BufferedImage(size.width(), size.height(), BufferedImage.TYPE_INT_RGB);
    byte[] b = s.pixels();
    for (int k = 0; k < size.width() * size.height(); k++) {
      int rgb = (b[3 * k] & 0xFF) << 16 | (b[3 * k + 1] & 0xFF) << 8 | b[3 * k + 2] & 0xFF;
      image.setRGB(k % size.width(), k / size.width(), rgb);
    }
    Files.createDirectories(file.getParent());
    ImageIO.write(image, "png", file.toFile());
  }

  /** As {@code tilework train} writes it. */
  private static void model(Path file) throws IOException {
    List<String> classes = List.copyOf(new TreeSet<>(SHAPES.classes().subList(0, CLASSES)));
    ModelCard card =
        new ModelCard("resnet8", classes, SHAPES.imageSize(), Normalization.of(SHAPES, 100));
    try (Module net = Models.create("resnet8", CLASSES, Devices.named("cpu"), 1)) {
      Files.write(file, SerializedModel.of(net, card).toBytes());
    }
  }

  /**
   * As torchvision publishes it: no metadata, and convolutions' weights (out, in, rows, columns).
   */
  private static void published(Path file) throws IOException {
    try (Module net = Models.create("resnet18", 1000, Devices.named("cpu"), 1);
        Scope scope = Scope.open()) {
      Map<String, Tensor> state = new LinkedHashMap<>();
      net.state()
          .forEach(
              (name, t) -> state.put(name, t.shape().rank() == 4 ? t.transpose(0, 3, 1, 2) : t));
      Safetensors.save(file, state, Map.of());
    }
  }
}
