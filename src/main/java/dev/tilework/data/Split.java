package dev.tilework.data;

import java.util.stream.IntStream;

/**
 * A data set to learn from and one to measure with.
 *
 * @param train seen in training
 * @param validation never seen in training
 */
public record Split(Dataset train, Dataset validation) {
  /** Checks that both have the same classes and image size. */
  public Split {
    if (!train.classes().equals(validation.classes())
        || !train.imageSize().equals(validation.imageSize())) {
      throw new IllegalArgumentException(
          "split: training has "
              + train.imageSize()
              + " and classes "
              + train.classes()
              + ", validation "
              + validation.imageSize()
              + " and "
              + validation.classes()
              + "; expected the same");
    }
  }

  /**
   * Takes the k-th, 2k-th, ... sample of each class, in the data set's order, for validation.
   *
   * @throws IllegalArgumentException when k is below 2, or no class has k samples
   */
  public static Split everyKth(Dataset data, int k) {
    if (k < 2) {
      throw new IllegalArgumentException("split: every " + k + "-th sample, expected at least 2");
    }
    int[] seen = new int[data.classes().size()];
    boolean[] held = new boolean[data.size()];
    int count = 0;
    for (int i = 0; i < data.size(); i++) {
      held[i] = ++seen[data.label(i)] % k == 0;
      count += held[i] ? 1 : 0;
    }
    if (count == 0) {
      throw new IllegalArgumentException(
          "split: no class has "
              + k
              + " images, so none are left for validation; add images or name a validation folder");
    }
    return new Split(
        new Subset(data, IntStream.range(0, held.length).filter(i -> !held[i]).toArray()),
        new Subset(data, IntStream.range(0, held.length).filter(i -> held[i]).toArray()));
  }
}
