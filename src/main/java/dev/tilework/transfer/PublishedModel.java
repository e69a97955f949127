package dev.tilework.transfer;

import dev.tilework.Device;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.data.Preprocessing;
import dev.tilework.data.Scaling;
import dev.tilework.io.TorchWeights;
import dev.tilework.models.Models;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of the weights that torchvision (IMAGENET1K_V1) and timm have published for a model
 * of this library: how images are prepared for it, and how their files name its parts.
 *
 * <p>Sources: the {@code transforms} of torchvision's weights, and the {@code default_cfg} of
 * timm's {@code legacy_xception}. torchvision's Inception rescales the usual normalization inside
 * of the network ({@code transform_input}); here the images have the mean 0.5 and deviation 0.5
 * that come of it, as in timm's {@code inception_v3.tv_in1k}.
 *
 * @param model the name that {@link Models#create} takes
 * @param preprocessing of the images that the weights were trained for
 */
public record PublishedModel(String model, Preprocessing preprocessing) {
  private static final Normalization HALF =
      new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
  private static final Map<String, PublishedModel> ALL = all();

  /** timm's names of a VGG's linear layers, which are convolutions there. */
  private static final Map<String, String> TIMM_VGG =
      Map.of(
          "pre_logits.fc1", "classifier.0",
          "pre_logits.fc2", "classifier.3",
          "head.fc", "classifier.6");

  /** The classifier inside of Inception, which not every file and not every network has. */
  private static final String AUXILIARY = "AuxLogits";

  private static Map<String, PublishedModel> all() {
    Map<String, PublishedModel> m = new LinkedHashMap<>();
    for (String vgg : List.of("vgg11", "vgg13", "vgg16", "vgg19")) {
      add(m, 256, 224, Scaling.Filter.BILINEAR, Normalization.IMAGENET, vgg, vgg + "_bn");
    }
    for (int layers : new int[] {18, 34, 50, 101, 152}) {
      add(m, 256, 224, Scaling.Filter.BILINEAR, Normalization.IMAGENET, "resnet" + layers);
    }
    add(m, 342, 299, Scaling.Filter.BILINEAR, HALF, "inception_v3", "inception_v3_no_aux");
    add(m, 333, 299, Scaling.Filter.BICUBIC, HALF, "xception");
    return Collections.unmodifiableMap(m);
  }

  private static void add(
      Map<String, PublishedModel> m,
      int shorterSide,
      int crop,
      Scaling.Filter filter,
      Normalization normalization,
      String... models) {
    Preprocessing p =
        new Preprocessing(new Scaling(shorterSide, filter), ImageSize.square(crop), normalization);
    for (String model : models) {
      m.put(model, new PublishedModel(model, p));
    }
  }

  /** The names of the models of which weights were published. */
  public static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /**
   * What is known of a model's weights.
   *
   * @throws IllegalArgumentException when none were published, naming the models of which they were
   */
  public static PublishedModel of(String model) {
    PublishedModel p = ALL.get(model);
    if (p == null) {
      throw new IllegalArgumentException(
          "no weights of '" + model + "' were published; they were of " + names());
    }
    return p;
  }

  /**
   * The model with the weights of a file, in inference mode and with as many classes as the file
   * has.
   *
   * @param file safetensors or {@code .pth} of torchvision or timm, see {@link TorchWeights}
   * @throws dev.tilework.io.FormatException when it is damaged, or with every name that does not
   *     fit
   * @throws IOException when it cannot be read
   */
  public Module load(Path file, Device device) throws IOException {
    try (TorchWeights opened = TorchWeights.open(file)) {
      TorchWeights weights =
          opened.names().contains("pre_logits.fc1.weight") ? opened.renamed(TIMM_VGG) : opened;
      Module network = Models.build(model, classes(weights));
      try {
        network.init(device, 0);
        weights.load(network, leftOut(weights, network));
        network.train(false);
        return network;
      } catch (IOException | RuntimeException | Error e) {
        network.close();
        throw e;
      }
    }
  }

  /** The rows of the classifier's weights; 1000 where it is missing, which loading then reports. */
  private int classes(TorchWeights weights) {
    String name = "";
    for (Map.Entry<String, Module> m : Models.build(model, 1).modules().entrySet()) {
      if (m.getValue() instanceof Linear) {
        name = m.getKey() + ".weight";
      }
    }
    return weights.names().contains(name) ? Math.max(1, weights.shape(name).dim(0)) : 1000;
  }

  private static String[] leftOut(TorchWeights weights, Module network) {
    boolean inFile = weights.names().stream().anyMatch(n -> n.startsWith(AUXILIARY + "."));
    List<String> names = new ArrayList<>();
    if (inFile != network.children().containsKey(AUXILIARY)) {
      names.add(AUXILIARY);
    }
    return names.toArray(String[]::new);
  }
}
