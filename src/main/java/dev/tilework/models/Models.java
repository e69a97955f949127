package dev.tilework.models;

import dev.tilework.Device;
import dev.tilework.nn.Cost;
import dev.tilework.nn.Module;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * The networks of this library by name: VGG, ResNet and Inception-v3 as torchvision has them,
 * Xception as timm has it ({@code legacy_xception}), and the ResNets for images of 32x32. All take
 * images (n, h, w, 3) and give logits (n, classes); h and w may differ from the size a network was
 * designed for, down to 32x32 (75x75 for Inception-v3, any size for the ResNets of 32x32).
 *
 * <p>{@code inception_v3} has an auxiliary classifier for training, which needs images of at least
 * 299x299 then; see {@link dev.tilework.nn.AuxiliaryLogits}. {@code inception_v3_no_aux} is the
 * same network without it.
 *
 * <p>State names are those of torchvision and timm ({@code num_batches_tracked} apart). Weights are
 * in this library's layout: (out, kernelH, kernelW, in), and the inputs of {@code classifier.0} of
 * a VGG in the order rows, columns, channels.
 */
public final class Models {
  private static final int IMAGENET_SIZE = 224;
  private static final int INCEPTION_SIZE = 299;
  private static final int CIFAR_SIZE = 32;
  private static final Map<String, Entry> ENTRIES = entries();

  private Models() {}

  private record Entry(int inputSize, IntFunction<Module> builder) {}

  /**
   * What a model is.
   *
   * @param name the name that {@link #create} takes
   * @param layers convolutions and linear layers, those of shortcuts included
   * @param parameters trained numbers
   * @param stateNumbers those and the running statistics: all that is saved with the model
   * @param flopsPerImage two for each multiply-add of the convolutions and linear layers of an
   *     inference
   * @param inputSize the rows and columns of the images for which the work was counted
   */
  public record Description(
      String name,
      int layers,
      long parameters,
      long stateNumbers,
      long flopsPerImage,
      int inputSize) {}

  private static Map<String, Entry> entries() {
    Map<String, Entry> m = new LinkedHashMap<>();
    vgg(m, "vgg11", 1, 1, 2, 2, 2);
    vgg(m, "vgg13", 2, 2, 2, 2, 2);
    vgg(m, "vgg16", 2, 2, 3, 3, 3);
    vgg(m, "vgg19", 2, 2, 4, 4, 4);
    resnet(m, "resnet18", false, 2, 2, 2, 2);
    resnet(m, "resnet34", false, 3, 4, 6, 3);
    resnet(m, "resnet50", true, 3, 4, 6, 3);
    resnet(m, "resnet101", true, 3, 4, 23, 3);
    resnet(m, "resnet152", true, 3, 8, 36, 3);
    m.put("inception_v3", new Entry(INCEPTION_SIZE, classes -> new Inception(classes, true)));
    m.put(
        "inception_v3_no_aux", new Entry(INCEPTION_SIZE, classes -> new Inception(classes, false)));
    m.put("xception", new Entry(INCEPTION_SIZE, Xception::new));
    for (int n : new int[] {1, 3, 5, 9, 18}) {
      m.put("resnet" + (6 * n + 2), new Entry(CIFAR_SIZE, classes -> ResNet.cifar(n, classes)));
    }
    return m;
  }

  private static void vgg(Map<String, Entry> m, String name, int... depths) {
    m.put(name, new Entry(IMAGENET_SIZE, classes -> new Vgg(depths, false, classes)));
    m.put(name + "_bn", new Entry(IMAGENET_SIZE, classes -> new Vgg(depths, true, classes)));
  }

  private static void resnet(Map<String, Entry> m, String name, boolean bottleneck, int... depths) {
    m.put(name, new Entry(IMAGENET_SIZE, classes -> ResNet.imageNet(depths, bottleneck, classes)));
  }

  /** The names of all models. */
  public static List<String> names() {
    return new ArrayList<>(ENTRIES.keySet());
  }

  /** The rows and columns of the images that a model was designed for: 224, 299 or 32. */
  public static int inputSize(String name) {
    return entry(name).inputSize();
  }

  /**
   * A model without values; {@link Module#init} makes them.
   *
   * @throws IllegalArgumentException when there is no such model, naming those there are
   */
  public static Module build(String name, int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException(
          "model " + name + ": got " + classes + " classes, expected at least 1");
    }
    return entry(name).builder().apply(classes);
  }

  /** A model with random values that follow from the seed. */
  public static Module create(String name, int classes, Device device, long seed) {
    Module m = build(name, classes);
    m.init(device, seed);
    return m;
  }

  /** What a model is with 1000 classes (10 for the models of 32x32) and its own input size. */
  public static Description describe(String name) {
    int size = inputSize(name);
    return describe(name, size == CIFAR_SIZE ? 10 : 1000, size);
  }

  /** What a model is with a number of classes and for images of a size; makes no parameters. */
  public static Description describe(String name, int classes, int inputSize) {
    Cost c = Cost.of(() -> build(name, classes), 1, inputSize, inputSize, 3);
    return new Description(
        name, c.layers(), c.parameters(), c.stateNumbers(), c.flops(), inputSize);
  }

  private static Entry entry(String name) {
    Entry e = ENTRIES.get(name);
    if (e == null) {
      throw new IllegalArgumentException(
          "there is no model '" + name + "'; there are " + String.join(", ", ENTRIES.keySet()));
    }
    return e;
  }
}
