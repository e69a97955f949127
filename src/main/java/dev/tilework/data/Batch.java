package dev.tilework.data;

import dev.tilework.Device;
import dev.tilework.Tensor;

/** Images that are processed together. */
public final class Batch {
  private final int index;
  private final BatchImages images;
  private final int[] labels;
  private final int[] samples;
  private final ImageSize imageSize;
  private final int classes;
  private final Mixing mixing;

  Batch(
      int index,
      BatchImages images,
      int[] labels,
      int[] samples,
      ImageSize imageSize,
      int classes,
      Mixing mixing) {
    this.index = index;
    this.images = images;
    this.labels = labels;
    this.samples = samples;
    this.imageSize = imageSize;
    this.classes = classes;
    this.mixing = mixing;
  }

  /** The batch's place in its epoch, from 0. */
  public int index() {
    return index;
  }

  /** The number of images. */
  public int size() {
    return labels.length;
  }

  /** The class of each image; where images are mixed, of the first of the two. */
  public int[] labels() {
    return labels.clone();
  }

  /** The place of each image in the data set. */
  public int[] samples() {
    return samples.clone();
  }

  /** The extents of each image. */
  public ImageSize imageSize() {
    return imageSize;
  }

  /** Whether an image is mixed with another. */
  public boolean isMixed() {
    return mixing.any();
  }

  /**
   * The images, normalised and augmented, as a float32 tensor (n, height, width, channels). The
   * same, up to rounding, on every device and at every call.
   */
  public Tensor images(Device device) {
    Tensor x = images.on(device, size(), imageSize);
    if (!isMixed()) {
      return x;
    }
    try (x) {
      return mixing.apply(x);
    }
  }

  /** The labels as an int32 tensor (n). */
  public Tensor labels(Device device) {
    return Tensor.ofInts(device, labels, size());
  }

  /**
   * What the network is to learn, as {@code Variable.crossEntropy} takes it: the {@link
   * #labels(Device)}, or where images are mixed the {@link #probabilities} as a float32 tensor (n,
   * classes).
   */
  public Tensor targets(Device device) {
    return isMixed() ? Tensor.of(device, probabilities(), size(), classes) : labels(device);
  }

  /** The share of each class in each image, (n, classes): 1 for the label where none is mixed. */
  public float[] probabilities() {
    return mixing.targets(labels, classes);
  }

  /**
   * How many images are taken for their class; a mixed image counts by the share that the class has
   * in it.
   *
   * @param found the class for which each image is taken
   */
  public double correct(int... found) {
    if (found.length != size()) {
      throw new IllegalArgumentException(
          "correct: got " + found.length + " classes, expected one for each of " + size());
    }
    return mixing.correct(labels, found);
  }
}
