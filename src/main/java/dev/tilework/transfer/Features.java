package dev.tilework.transfer;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Batch;
import dev.tilework.data.DataLoader;
import dev.tilework.io.SafetensorsFile;
import dev.tilework.io.Weights;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a network makes of each image of a data set before its classifier: the inputs of its last
 * linear layer, kept in memory. Computed once, they train a new classifier in a moment, for the
 * network below does not change.
 */
public final class Features {
  private static final String KEY = "tilework.features";
  private static final String VALUES = "features";
  private static final String LABELS = "labels";

  private final float[] values;
  private final int width;
  private final int[] labels;
  private final List<String> classes;

  /**
   * Features that were computed elsewhere.
   *
   * @param values one row after another
   * @param width numbers of a row
   * @param labels of each row, a place in {@code classes}
   */
  Features(float[] values, int width, int[] labels, List<String> classes) {
    if (width < 1 || (long) labels.length * width != values.length) {
      throw new IllegalArgumentException(
          "features: " + values.length + " numbers for " + labels.length + " rows of " + width);
    }
    this.values = values;
    this.width = width;
    this.labels = labels;
    this.classes = List.copyOf(classes);
  }

  /**
   * Runs a network in inference mode over the first epoch of a loader; its mode is restored. Images
   * that cannot be read are left out.
   *
   * @throws IllegalArgumentException when the network has no linear layer, or one that is not
   *     applied to (n, features)
   * @throws IllegalStateException when no image can be read
   */
  public static Features of(Module network, Device device, DataLoader loader) {
    Linear classifier = Transfer.classifier(network);
    List<float[]> rows = new ArrayList<>();
    List<int[]> labels = new ArrayList<>();
    boolean training = network.isTraining();
    network.train(false);
    try (NoGrad _ = NoGrad.open();
        DataLoader.Batches batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        Batch b = batches.next();
        try (Scope _ = Scope.open()) {
          Variable images = Variable.of(b.images(device));
          rows.add(inputsOf(classifier, network, images));
        }
        labels.add(b.labels());
      }
    } finally {
      network.train(training);
    }
    if (rows.isEmpty()) {
      throw new IllegalStateException("features: no image of the data set can be read");
    }
    int[] all = labels.stream().flatMapToInt(Arrays::stream).toArray();
    int width = rows.getFirst().length / labels.getFirst().length;
    if ((long) all.length * width > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "features: "
              + all.length
              + " images with "
              + width
              + " numbers each are too many to keep in memory; take fewer images");
    }
    float[] values = new float[all.length * width];
    int at = 0;
    for (float[] r : rows) {
      System.arraycopy(r, 0, values, at, r.length);
      at += r.length;
    }
    return new Features(values, width, all, loader.data().classes());
  }

  private static float[] inputsOf(Linear classifier, Module network, Variable images) {
    float[][] found = new float[1][];
    Module.observeInputs(
        (m, x) -> {
          if (m == classifier) {
            if (x.shape().rank() != 2 || x.shape().dim(0) != images.shape().dim(0)) {
              throw new IllegalArgumentException(
                  "features: the classifier is applied to "
                      + x.shape()
                      + ", expected ["
                      + images.shape().dim(0)
                      + ", features]");
            }
            found[0] = x.value().toArray();
          }
        },
        () -> network.apply(images));
    if (found[0] == null) {
      throw new IllegalArgumentException(
          "features: the last linear layer, '"
              + Transfer.classifierName(network)
              + "', is not applied in inference");
    }
    return found[0];
  }

  /** The number of rows: of images that could be read. */
  public int size() {
    return labels.length;
  }

  /** The numbers of a row. */
  public int width() {
    return width;
  }

  /** The names of the classes. */
  public List<String> classes() {
    return classes;
  }

  /** The label of a row. */
  public int label(int row) {
    return labels[row];
  }

  /** Rows as a tensor (rows, width). */
  Tensor rows(Device device, int... chosen) {
    float[] v = new float[Math.multiplyExact(chosen.length, width)];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(values, chosen[i] * width, v, i * width, width);
    }
    return Tensor.of(device, v, chosen.length, width);
  }

  int[] labels(int... chosen) {
    return Arrays.stream(chosen).map(i -> labels[i]).toArray();
  }

  /**
   * Writes them to a file.
   *
   * @param key what they depend on, such as {@link FeatureKey#of}
   * @throws IOException when it cannot be written
   */
  public void save(Path file, String key) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (Scope _ = Scope.open()) {
      Device cpu = Devices.cpu();
      Weights.save(
          file,
          Map.of(
              VALUES,
              Tensor.of(cpu, values, size(), width),
              LABELS,
              Tensor.ofInts(cpu, labels, size())),
          Map.of(KEY, key));
    }
  }

  /**
   * Reads them back.
   *
   * @param key what they shall depend on
   * @param classes of the data set
   * @return nothing when there is no such file, or it was saved with another key
   * @throws IOException when it cannot be read, or is damaged
   */
  public static Optional<Features> load(Path file, String key, List<String> classes)
      throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try (SafetensorsFile f = SafetensorsFile.open(file);
        Scope _ = Scope.open()) {
      if (!key.equals(f.metadata().get(KEY))) {
        return Optional.empty();
      }
      Shape shape = f.shape(VALUES);
      return Optional.of(
          new Features(
              f.read(VALUES, Devices.cpu()).toArray(),
              shape.dim(1),
              f.read(LABELS, Devices.cpu()).toIntArray(),
              classes));
    }
  }
}
