package dev.tilework.cpu;

import dev.tilework.cpu.CpuBuffer.Block;
import dev.tilework.kernels.DeviceDriver.MemoryUse;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Off-heap memory in blocks of a few sizes (eight between powers of two), kept for reuse: a
 * training step asks for the same sizes as the one before it, and fresh memory costs page faults.
 */
final class CpuMemory {
  private static final long ALIGNMENT = 64;
  private static final long HUGE_PAGE = 2 << 20;

  /**
   * Readable bytes behind each block: kernels load whole vectors and ignore what is behind the end.
   */
  static final long OVERREAD = 128;

  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();
  private long live;
  private long peak;
  private long cached;
  private long packed;

  CpuBuffer allocate(long bytes) {
    CpuBuffer buffer = new CpuBuffer(take(bytes), bytes);
    synchronized (this) {
      live += bytes;
      peak = Math.max(peak, live);
    }
    return buffer;
  }

  void free(CpuBuffer buffer) {
    buffer.releasePacked(this);
    synchronized (this) {
      live -= buffer.bytes();
    }
    giveBack(buffer.block);
  }

  /** A block of at least the size; not counted as live. */
  Block take(long bytes) {
    long size = sizeClass(bytes);
    Block kept = takeKept(size);
    if (kept != null) {
      return kept;
    }
    // Outside the lock: the operating system clears fresh memory, which takes its time.
    try {
      return fresh(size);
    } catch (OutOfMemoryError e) {
      trim();
    }
    try {
      return fresh(size);
    } catch (OutOfMemoryError e) {
      throw new OutOfDeviceMemoryException(
          "cpu: no memory for "
              + bytes
              + " bytes; "
              + use().live()
              + " bytes are in tensors; see -XX:MaxDirectMemorySize");
    }
  }

  private synchronized Block takeKept(long size) {
    ArrayDeque<Block> list = free.get(size);
    if (list == null || list.isEmpty()) {
      return null;
    }
    cached -= size;
    return list.removeLast();
  }

  private static Block fresh(long size) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment s = arena.allocate(size + OVERREAD, size >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT);
      return new Block(s.asSlice(0, size), s.address(), arena);
    } catch (OutOfMemoryError e) {
      arena.close();
      throw e;
    }
  }

  synchronized void giveBack(Block block) {
    cached += block.size();
    free.computeIfAbsent(block.size(), k -> new ArrayDeque<>()).addLast(block);
  }

  /** Returns the memory kept for reuse to the operating system. */
  synchronized void trim() {
    for (ArrayDeque<Block> list : free.values()) {
      list.forEach(b -> b.arena().close());
    }
    free.clear();
    cached = 0;
  }

  synchronized void notePacked(long bytes) {
    packed += bytes;
  }

  synchronized MemoryUse use() {
    return new MemoryUse(live, peak, cached + packed);
  }

  synchronized void resetPeak() {
    peak = live;
  }

  static long sizeClass(long bytes) {
    long b = Math.max(bytes, ALIGNMENT);
    long step = Math.max(ALIGNMENT, Long.highestOneBit(b) >> 3);
    return (b + step - 1) / step * step;
  }
}
