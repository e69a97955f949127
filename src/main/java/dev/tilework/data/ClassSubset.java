package dev.tilework.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/** The samples of some classes of a data set; its labels count these classes alone. */
public final class ClassSubset implements Dataset {
  private final Dataset source;
  private final List<String> classes;
  private final int[] newLabels;
  private final int[] indices;

  /**
   * The samples of the named classes, in the data set's order.
   *
   * @param classes in the order that the labels shall have
   * @throws IllegalArgumentException when there are fewer than two, one is named twice, or one is
   *     none of the data set's
   */
  public ClassSubset(Dataset source, List<String> classes) {
    List<String> unknown = new ArrayList<>(classes);
    unknown.removeAll(source.classes());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "classes: there is no " + unknown + "; there are " + source.classes());
    }
    if (classes.size() < 2 || new HashSet<>(classes).size() < classes.size()) {
      throw new IllegalArgumentException(
          "classes: got " + classes + ", expected at least two, none of them twice");
    }
    this.source = source;
    this.classes = List.copyOf(classes);
    this.newLabels = source.classes().stream().mapToInt(classes::indexOf).toArray();
    this.indices =
        IntStream.range(0, source.size()).filter(i -> newLabels[source.label(i)] >= 0).toArray();
  }

  @Override
  public int size() {
    return indices.length;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public ImageSize imageSize() {
    return source.imageSize();
  }

  @Override
  public int label(int index) {
    return newLabels[source.label(indices[index])];
  }

  @Override
  public Sample sample(int index) {
    Sample s = source.sample(indices[index]);
    return new Sample(s.pixels(), newLabels[s.label()]);
  }

  @Override
  public String name(int index) {
    return source.name(indices[index]);
  }
}
