package dev.tilework.kernels.memory;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory in blocks of a few sizes (eight between powers of two), kept for reuse: a training step
 * asks for the same sizes as the one before it, and fresh memory is dear on every device. Where a
 * device works on a queue, a block may be given back while what was enqueued before still uses it:
 * its next user comes later in the same queue.
 *
 * @param <B> a device's block
 */
public final class BlockPool<B> {
  private final Source<B> source;
  private final long smallest;
  private final Map<Long, ArrayDeque<B>> free = new HashMap<>();

  /** Where blocks come from. */
  public interface Source<B> {
    /** A fresh block of exactly the size, or null where there is no memory for it. */
    B create(long bytes);

    /** Returns a block to where it came from. */
    void release(B block);

    /** The size of a block in bytes. */
    long size(B block);
  }

  /**
   * A pool.
   *
   * @param smallest the least size of a block; every size is a multiple of it
   */
  public BlockPool(Source<B> source, long smallest) {
    this.source = source;
    this.smallest = smallest;
  }

  /** A block of at least the size, or null where there is no memory even when none is kept. */
  public B take(long bytes) {
    long size = sizeClass(bytes);
    B block = takeKept(size);
    if (block != null) {
      return block;
    }
    // Outside the lock: fresh memory takes its time.
    block = source.create(size);
    if (block == null) {
      trim();
      block = source.create(size);
    }
    long least = (Math.max(bytes, 1) + smallest - 1) / smallest * smallest;
    if (block == null && least < size) {
      // Near the device's limit the size that was asked for may still fit.
      block = source.create(least);
    }
    return block;
  }

  private synchronized B takeKept(long size) {
    ArrayDeque<B> list = free.get(size);
    B block = list == null ? null : list.pollLast();
    if (block != null) {}
    return block;
  }

  /** Keeps a block for reuse. */
  public synchronized void giveBack(B block) {
    free.computeIfAbsent(source.size(block), k -> new ArrayDeque<>()).addLast(block);
  }

  /** Returns all that is kept for reuse to the source. */
  public synchronized void trim() {
    free.values().forEach(list -> list.forEach(source::release));
    free.clear();
  }

  private long sizeClass(long bytes) {
    return sizeClass(bytes, smallest);
  }

  /** The size of the block that such a number of bytes gets: a multiple of the smallest. */
  public static long sizeClass(long bytes, long smallest) {
    long b = Math.max(bytes, smallest);
    long step = Math.max(smallest, Long.highestOneBit(b) >> 3);
    return (b + step - 1) / step * step;
  }
}
