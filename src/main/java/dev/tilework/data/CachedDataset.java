package dev.tilework.data;

import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Keeps each sample, or the reason why it cannot be read, after its first use. */
final class CachedDataset implements Dataset {
  private final Dataset source;
  private final AtomicReferenceArray<Object> known;

  CachedDataset(Dataset source) {
    this.source = source;
    this.known = new AtomicReferenceArray<>(source.size());
  }

  @Override
  public Sample sample(int index) {
    Object o = known.get(index);
    if (o == null) {
      try {
        o = source.sample(index);
      } catch (CorruptImageException e) {
        o = e;
      }
      known.set(index, o);
    }
    if (o instanceof CorruptImageException e) {
      throw e;
    }
    return (Sample) o;
  }

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
  public String name(int index) {
    return source.name(index);
  }

  @Override
  public Dataset cached(long maxBytes) {
    return this;
  }
}
