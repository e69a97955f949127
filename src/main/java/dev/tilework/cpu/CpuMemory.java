package dev.tilework.cpu;

import dev.tilework.cpu.CpuBuffer.Block;
import dev.tilework.kernels.DeviceDriver.MemoryUse;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.memory.BlockPool;
import dev.tilework.kernels.memory.PackedWeights;
import dev.tilework.kernels.memory.Usage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Off-heap memory, pooled. */
final class CpuMemory implements PackedWeights.Memory<Block> {
  private static final long ALIGNMENT = 64;
  private static final long HUGE_PAGE = 2 << 20;

  /**
   * Readable bytes behind each block: kernels load whole vectors and ignore what is behind the end.
   */
  static final long OVERREAD = 128;

  private final BlockPool<Block> pool = new BlockPool<>(new FromSystem(), ALIGNMENT);
  private final Usage usage = new Usage();

  private final class FromSystem implements BlockPool.Source<Block> {
    @Override
    public Block create(long bytes) {
      Arena arena = Arena.ofShared();
      try {
        long alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
        MemorySegment s = arena.allocate(bytes + OVERREAD, alignment);
        usage.taken(bytes);
        return new Block(s.asSlice(0, bytes), s.address(), arena);
      } catch (OutOfMemoryError e) {
        arena.close();
        return null;
      }
    }

    @Override
    public void release(Block block) {
      usage.taken(-block.size());
      block.arena().close();
    }

    @Override
    public long size(Block block) {
      return block.size();
    }
  }

  CpuBuffer allocate(long bytes) {
    CpuBuffer buffer = new CpuBuffer(take(bytes), bytes);
    usage.live(bytes);
    return buffer;
  }

  void free(CpuBuffer buffer) {
    buffer.releasePacked(this);
    usage.live(-buffer.bytes());
    giveBack(buffer.block);
  }

  /** A block of at least the size; not counted as live. */
  @Override
  public Block take(long bytes) {
    Block block = pool.take(bytes);
    if (block == null) {
      throw new OutOfDeviceMemoryException(
          "cpu: no memory for "
              + bytes
              + " bytes; "
              + usage.live()
              + " bytes are in tensors; see -XX:MaxDirectMemorySize");
    }
    return block;
  }

  @Override
  public void giveBack(Block block) {
    pool.giveBack(block);
  }

  /** Returns the memory kept for reuse to the operating system. */
  void trim() {
    pool.trim();
  }

  MemoryUse use() {
    return usage.use();
  }

  /** The size that so many bytes are rounded up to. */
  static long sizeClass(long bytes) {
    return BlockPool.sizeClass(bytes, ALIGNMENT);
  }

  void resetPeak() {
    usage.resetPeak();
  }
}
