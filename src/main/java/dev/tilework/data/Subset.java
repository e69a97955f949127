package dev.tilework.data;

import java.util.List;
import java.util.stream.IntStream;

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

  /**
   * At most so many samples of each class, spread evenly over those there are.
   *
   * @throws IllegalArgumentException when the limit is below 1
   */
  public static Subset limited(Dataset source, int perClass) {
    if (perClass < 1) {
      throw new IllegalArgumentException("subset: " + perClass + " samples a class, expected 1");
    }
    long[] count = new long[source.classes().size()];
    for (int i = 0; i < source.size(); i++) {
      count[source.label(i)]++;
    }
    long[] seen = new long[count.length];
    return new Subset(
        source,
        IntStream.range(0, source.size())
            .filter(
                i -> {
                  int label = source.label(i);
                  long k = seen[label]++;
                  long n = count[label];
                  // Where the number of samples chosen, growing evenly, reaches the next one.
                  return n <= perClass || (k + 1) * perClass / n > k * perClass / n;
                })
            .toArray());
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
