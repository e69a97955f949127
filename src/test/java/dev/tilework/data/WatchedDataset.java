package dev.tilework.data;

import java.util.List;

/** A data set whose reads can be watched. */
public record WatchedDataset(Dataset source, Runnable atRead) implements Dataset {
  @Override
  public int size() {
    return source.size();
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
    return source.label(index);
  }

  @Override
  public Sample sample(int index) {
    atRead.run();
    return source.sample(index);
  }
}
