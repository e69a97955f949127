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
  private static final long OVERREAD = 128;

  private final Map<Long, ArrayDeque<Owned>> free = new HashMap<>();
  private final Map<Long, Arena> arenas = new HashMap<>();
  private long live;
  private long peak;
  private long cached;
  private long packed;

  private record Owned(Block block, Arena arena) {}

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
  synchronized Block take(long bytes) {
    long size = sizeClass(bytes + OVERREAD);
    ArrayDeque<Owned> list = free.get(size);
    if (list != null && !list.isEmpty()) {
      Owned o = list.removeLast();
      cached -= size;
      arenas.put(o.block.address(), o.arena);
      return o.block;
    }
    return fresh(size);
  }

  private Block fresh(long size) {
    try {
      return freshOrThrow(size);
    } catch (OutOfMemoryError e) {
      trim();
      try {
        return freshOrThrow(size);
      } catch (OutOfMemoryError again) {
        throw new OutOfDeviceMemoryException(
            "cpu: no memory for "
                + size
                + " bytes; "
                + live
                + " bytes are in tensors; see -XX:MaxDirectMemorySize");
      }
    }
  }

  private Block freshOrThrow(long size) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment s = arena.allocate(size, size >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT);
      arenas.put(s.address(), arena);
      return new Block(s, s.address());
    } catch (OutOfMemoryError e) {
      arena.close();
      throw e;
    }
  }

  synchronized void giveBack(Block block) {
    Arena arena = arenas.remove(block.address());
    cached += block.size();
    free.computeIfAbsent(block.size(), k -> new ArrayDeque<>()).addLast(new Owned(block, arena));
  }

  /** Returns the memory kept for reuse to the operating system. */
  synchronized void trim() {
    for (ArrayDeque<Owned> list : free.values()) {
      list.forEach(o -> o.arena.close());
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
