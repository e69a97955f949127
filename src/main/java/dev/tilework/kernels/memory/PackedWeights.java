package dev.tilework.kernels.memory;

import dev.tilework.kernels.Buffer;
import dev.tilework.kernels.memory.BlockPool.Block;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights in a kernel's own order, kept beside the buffer that they come from for as long as its
 * content stays the same.
 *
 * @param <M> what the device calls memory
 */
public final class PackedWeights<M> {
  private final Buffer buffer;
  private final List<Entry<M>> entries = new ArrayList<>(2);

  /** Of the buffer, none so far. */
  public PackedWeights(Buffer buffer) {
    this.buffer = buffer;
  }

  private record Entry<M>(Object layout, long offset, long version, Block<M> block) {}

  /** How to fill memory with weights. */
  public interface Packer<M> {
    /** Fills the memory. */
    void pack(M destination);
  }

  /** Where memory comes from; throws where there is none. */
  public interface Memory<M> {
    /** A block of at least the size. */
    Block<M> take(long bytes);

    /** Keeps it for reuse. */
    void giveBack(Block<M> block);
  }

  /**
   * The weights in a layout, packed anew when the buffer was written since.
   *
   * @param layout says which kernel and geometry they are for; compared by equals
   * @param offset where in the buffer the weights begin, in bytes
   * @param bytes the size of the packed weights
   */
  public synchronized M get(
      Memory<M> memory, Object layout, long offset, long bytes, Packer<M> packer) {
    // Read before packing: a write meanwhile must make the result stale.
    long version = buffer.version();
    for (int i = 0; i < entries.size(); i++) {
      Entry<M> e = entries.get(i);
      if (e.offset == offset && e.layout.equals(layout)) {
        if (e.version != version) {
          packer.pack(e.block.memory());
          entries.set(i, new Entry<>(layout, offset, version, e.block));
        }
        return e.block.memory();
      }
    }
    Block<M> block = memory.take(bytes);
    try {
      packer.pack(block.memory());
    } catch (RuntimeException | Error e) {
      memory.giveBack(block);
      throw e;
    }
    entries.add(new Entry<>(layout, offset, version, block));
    return block.memory();
  }

  /** Gives all of it back. */
  public synchronized void release(Memory<M> memory) {
    entries.forEach(e -> memory.giveBack(e.block));
    entries.clear();
  }
}
