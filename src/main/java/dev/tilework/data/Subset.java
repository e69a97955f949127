package dev.tilework.data;

import java.util.List;

/** Some samples of a data set, in a given order. */
public final class Subset implements Dataset {
  private final Dataset source;
  private final int[] indices;

  /**
   * The samples at the given positions.
   *
   * @throws IndexOutOfBoundsException when one is outside the source
   */
  public Subset(Dataset source, int... indices) {
    for (int i : indices) {
      java.util.Objects.checkIndex(i, source.size());
    }
    this.source = source;
    this.indices = indices.clone();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public List<String> classes() {
    return source.classes();
  }

  @Override
  public ImageSize imageSize() {
    return source.imageSize();
  }

  @Override
  public int label(int index) {
    return source.label(indices[index]);
  }

  @Override
  public Sample sample(int index) {
    return source.sample(indices[index]);
  }

  @Override
  public String name(int index) {
    return source.name(indices[index]);
  }
}
