package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.opencl.ClBuffer.Block;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Device memory in blocks of a few sizes (eight between powers of two), kept for reuse. A block
 * that is given back may still be in use by what was enqueued before; since the queue runs in
 * order, its next user comes after.
 */
final class Memory {
  private static final long SMALLEST = 256;

  private final Session session;
  private final Usage usage;
  private final Map<Long, ArrayDeque<Block>> free = new HashMap<>();

  /** Bytes counted over the lives of several sessions. */
  static final class Usage {
    private long live;
    private long peak;
    private long taken;

    synchronized void live(long bytes) {
      live += bytes;
      peak = Math.max(peak, live);
    }

    synchronized void taken(long bytes) {
      taken += bytes;
    }

    synchronized long live() {
      return live;
    }

    synchronized long peak() {
      return peak;
    }

    /** All bytes taken from OpenCL: live, packed and kept for reuse. */
    synchronized long taken() {
      return taken;
    }

    synchronized void resetPeak() {
      peak = live;
    }
  }

  /**
   * Memory from an offset in bytes on, as a kernel's argument.
   *
   * @param handle OpenCL's
   */
  record View(long handle, long offset) {}

  Memory(Session session, Usage usage) {
    this.session = session;
    this.usage = usage;
  }

  ClBuffer allocate(long bytes) {
    ClBuffer buffer = new ClBuffer(session, take(bytes), bytes);
    usage.live(bytes);
    return buffer;
  }

  void free(ClBuffer buffer) {
    buffer.releasePacked();
    usage.live(-buffer.bytes());
    giveBack(buffer.block);
  }

  /** A block of at least the size; not counted as live. */
  Block take(long bytes) {
    long size = sizeClass(bytes);
    if (size > session.device.largestBuffer()) {
      // The class rounds up by an eighth at most; near the limit the exact size may still fit.
      size = (bytes + SMALLEST - 1) / SMALLEST * SMALLEST;
    }
    if (size > session.device.largestBuffer()) {
      throw outOfMemory(bytes, "a buffer has at most " + session.device.largestBuffer() + " bytes");
    }
    Block kept = takeKept(size);
    if (kept != null) {
      return kept;
    }
    if (usage.taken() + size > session.device.memory()) {
      trim();
    }
    if (usage.taken() + size > session.device.memory()) {
      throw outOfMemory(bytes, "the device has " + session.device.memory() + " bytes");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      long handle = session.cl.createBuffer(session.context, size, status);
      if (handle == 0 && ClStatus.outOfMemory(status.get(JAVA_INT, 0))) {
        trim();
        handle = session.cl.createBuffer(session.context, size, status);
      }
      int code = status.get(JAVA_INT, 0);
      if (handle == 0 && !ClStatus.outOfMemory(code) && code != -61) {
        session.check(session.name + " memory", "clCreateBuffer", code);
      }
      if (handle == 0) {
        throw outOfMemory(bytes, ClStatus.name(code));
      }
      usage.taken(size);
      return new Block(handle, size);
    }
  }

  private OutOfDeviceMemoryException outOfMemory(long bytes, String why) {
    return new OutOfDeviceMemoryException(
        session.name
            + ": no memory for "
            + bytes
            + " bytes ("
            + why
            + "); "
            + usage.live()
            + " bytes are in tensors");
  }

  private synchronized Block takeKept(long size) {
    ArrayDeque<Block> list = free.get(size);
    if (list == null || list.isEmpty()) {
      return null;
    }
    return list.removeLast();
  }

  void giveBack(Block block) {
    synchronized (this) {
      // A lost session is trimmed once, when it is closed.
      if (!session.isLost()) {
        free.computeIfAbsent(block.size(), k -> new ArrayDeque<>()).addLast(block);
        return;
      }
    }
    release(block);
  }

  private void release(Block block) {
    // Of a lost device nothing is to be had back; of any other this cannot fail.
    session.cl.releaseBuffer(block.handle());
    usage.taken(-block.size());
  }

  /** Returns the memory kept for reuse to OpenCL. */
  synchronized void trim() {
    for (ArrayDeque<Block> list : free.values()) {
      list.forEach(this::release);
    }
    free.clear();
  }

  static long sizeClass(long bytes) {
    long b = Math.max(bytes, SMALLEST);
    long step = Math.max(SMALLEST, Long.highestOneBit(b) >> 3);
    return (b + step - 1) / step * step;
  }
}
