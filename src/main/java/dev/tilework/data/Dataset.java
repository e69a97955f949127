package dev.tilework.data;

import java.util.List;

/** Labelled images of one size. All methods may be called from several threads. */
public interface Dataset {
  /** The number of samples. */
  int size();

  /** The names of the classes; a label is a position in this list. */
  List<String> classes();

  /** Rows, columns and channels of each image. */
  ImageSize imageSize();

  /** The label of a sample, without reading its image. */
  int label(int index);

  /**
   * The image and label of a sample.
   *
   * @throws CorruptImageException when the image cannot be read
   * @throws IndexOutOfBoundsException when the index is not below {@link #size}
   */
  Sample sample(int index);

  /** What a person finds the sample by, such as its file. */
  default String name(int index) {
    return "sample " + index;
  }

  /**
   * This data set with its decoded images kept in memory, or unchanged where they would take more
   * than the given bytes.
   */
  default Dataset cached(long maxBytes) {
    return (long) size() * imageSize().bytes() <= maxBytes ? new CachedDataset(this) : this;
  }
}
