package dev.tilework.kernels.memory;

import dev.tilework.kernels.Buffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights in a kernel's own order, kept beside the buffer that they come from for as long as its
 * content stays the same.
 *
 * @param <B> a device's block of memory
 */
public final class PackedWeights<B> {
  private final Buffer buffer;
  private final List<Entry<B>> entries = new ArrayList<>(2);

  /** Of the buffer, none so far. */
  public PackedWeights(Buffer buffer) {
    this.buffer = buffer;
  }

  private record Entry<B>(Object layout, long offset, long version, B block) {}

  /** How to fill memory with weights. */
  public interface Packer<B> {
    /** Fills the memory. */
    void pack(B destination);
  }

  /** Where memory comes from; throws where there is none. */
  public interface Memory<B> {
    /** A block of at least the size. */
    B take(long bytes);

    /** Keeps it for reuse. */
    void giveBack(B block);
  }

  /**
   * The weights in a layout, packed anew when the buffer was written since.
   *
   * @param layout says which kernel and geometry they are for; compared by equals
   * @param offset where in the buffer the weights begin, in bytes
   * @param bytes the size of the packed weights
   */
  public synchronized B get(
      Memory<B> memory, Object layout, long offset, long bytes, Packer<B> packer) {
    // Read before packing: a write meanwhile must make the result stale.
    long version = buffer.version();
    for (int i = 0; i < entries.size(); i++) {
      Entry<B> e = entries.get(i);
      if (e.offset == offset && e.layout.equals(layout)) {
        if (e.version != version) {
          packer.pack(e.block);
          entries.set(i, new Entry<>(layout, offset, version, e.block));
        }
        return e.block;
      }
    }
    B block = memory.take(bytes);
    try {
      packer.pack(block);
    } catch (RuntimeException | Error e) {
      memory.giveBack(block);
      throw e;
    }
    entries.add(new Entry<>(layout, offset, version, block));
    return block;
  }

  /** Gives all of it back. */
  public synchronized void release(Memory<B> memory) {
    entries.forEach(e -> memory.giveBack(e.block));
    entries.clear();
  }
}
