package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.memory.BlockPool;
import dev.tilework.kernels.memory.PackedWeights;
import dev.tilework.kernels.memory.Usage;
import dev.tilework.opencl.ClBuffer.Block;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Device memory in blocks of a few sizes (eight between powers of two), kept for reuse. A block
 * that is given back may still be in use by what was enqueued before; since the queue runs in
 * order, its next user comes after.
 */
final class Memory implements PackedWeights.Memory<Block> {
  private static final long SMALLEST = 256;
  private static final int INVALID_BUFFER_SIZE = -61;

  private final Session session;
  private final Usage usage;
  private final BlockPool<Block> pool = new BlockPool<>(new FromOpenCl(), SMALLEST);

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

  private final class FromOpenCl implements BlockPool.Source<Block> {
    @Override
    public Block create(long bytes) {
      if (bytes > session.device.largestBuffer()
          || usage.taken() + bytes > session.device.memory()) {
        return null;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment status = arena.allocate(JAVA_INT);
        long handle = session.cl.createBuffer(session.context, bytes, status);
        int code = status.get(JAVA_INT, 0);
        if (handle == 0 && !ClStatus.outOfMemory(code) && code != INVALID_BUFFER_SIZE) {
          session.check(session.name + " memory", "clCreateBuffer", code);
        }
        if (handle == 0) {
          return null;
        }
        usage.taken(bytes);
        return new Block(handle, bytes);
      }
    }

    @Override
    public void release(Block block) {
      // Of a lost device nothing is to be had back; of any other this cannot fail.
      session.cl.releaseBuffer(block.handle());
      usage.taken(-block.size());
    }

    @Override
    public long size(Block block) {
      return block.size();
    }
  }

  /** A block of at least the size; not counted as live. */
  @Override
  public Block take(long bytes) {
    Block block = pool.take(bytes);
    if (block == null) {
      throw outOfMemory(bytes);
    }
    return block;
  }

  private OutOfDeviceMemoryException outOfMemory(long bytes) {
    return new OutOfDeviceMemoryException(
        session.name
            + ": no memory for "
            + bytes
            + " bytes (a buffer has at most "
            + session.device.largestBuffer()
            + " bytes, the device has "
            + session.device.memory()
            + " in all); "
            + usage.live()
            + " bytes are in tensors");
  }

  @Override
  public void giveBack(Block block) {
    synchronized (this) {
      // A lost session is trimmed once, when it is closed.
      if (!session.isLost()) {
        pool.giveBack(block);
        return;
      }
    }
    new FromOpenCl().release(block);
  }

  /** Returns the memory kept for reuse to OpenCL. */
  synchronized void trim() {
    pool.trim();
  }
}
