package dev.tilework.kernels.memory;

import dev.tilework.kernels.DeviceDriver.MemoryUse;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory in blocks of a few sizes (eight between powers of two), kept for reuse: a training step
 * asks for the same sizes as the one before it, and fresh memory is dear on every device. Where a
 * device works on a queue, a block may be given back while what was enqueued before still uses it:
 * its next user comes later in the same queue.
 *
 * @param <M> what the device calls memory
 */
public final class BlockPool<M> {
  private final Source<M> source;
  private final long smallest;
  private final Map<Long, ArrayDeque<Block<M>>> free = new HashMap<>();
  private long live;
  private long peak;
  private long taken;

  /** Where blocks come from. */
  public interface Source<M> {
    /** Fresh memory of exactly the size, or null where there is none. */
    M create(long bytes);

    /** Returns memory to where it came from. */
    void release(M memory);
  }

  /**
   * A block of memory.
   *
   * @param size in bytes, at least what was asked for
   */
  public record Block<M>(M memory, long size) {}

  /**
   * A pool.
   *
   * @param smallest the least size of a block; every size is a multiple of it
   */
  public BlockPool(Source<M> source, long smallest) {
    this.source = source;
    this.smallest = smallest;
  }

  /** A block of at least the size, or null where there is no memory even when none is kept. */
  public Block<M> take(long bytes) {
    long size = sizeClass(bytes);
    Block<M> kept = takeKept(size);
    if (kept != null) {
      return kept;
    }
    // Outside the lock: fresh memory takes its time.
    M memory = source.create(size);
    if (memory == null) {
      trim();
      memory = source.create(size);
    }
    if (memory == null && size > rounded(bytes)) {
      // Near the device's limit the size that was asked for may still fit.
      size = rounded(bytes);
      memory = source.create(size);
    }
    if (memory == null) {
      return null;
    }
    synchronized (this) {
      taken += size;
    }
    return new Block<>(memory, size);
  }

  private synchronized Block<M> takeKept(long size) {
    ArrayDeque<Block<M>> list = free.get(size);
    return list == null ? null : list.pollLast();
  }

  /** Keeps a block for reuse. */
  public synchronized void giveBack(Block<M> block) {
    free.computeIfAbsent(block.size(), k -> new ArrayDeque<>()).addLast(block);
  }

  /** Returns a block to the source at once. */
  public void release(Block<M> block) {
    source.release(block.memory());
    synchronized (this) {
      taken -= block.size();
    }
  }

  /** Returns all that is kept for reuse to the source. */
  public synchronized void trim() {
    free.values().forEach(list -> list.forEach(this::release));
    free.clear();
  }

  /** Counts bytes of a tensor's buffer that was made (or, negative, closed). */
  public synchronized void count(long bytes) {
    live += bytes;
    peak = Math.max(peak, live);
  }

  /** The memory in use. */
  public synchronized MemoryUse use() {
    return new MemoryUse(live, peak, Math.max(0, taken - live));
  }

  /** Sets the peak to the bytes live now. */
  public synchronized void resetPeak() {
    peak = live;
  }

  private long rounded(long bytes) {
    return (Math.max(bytes, 1) + smallest - 1) / smallest * smallest;
  }

  private long sizeClass(long bytes) {
    long b = Math.max(bytes, smallest);
    long step = Math.max(smallest, Long.highestOneBit(b) >> 3);
    return (b + step - 1) / step * step;
  }
}
