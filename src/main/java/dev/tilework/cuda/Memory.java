package dev.tilework.cuda;

import dev.tilework.kernels.DeviceDriver.MemoryUse;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.memory.BlockPool;
import dev.tilework.kernels.memory.PackedWeights;
import dev.tilework.kernels.memory.Usage;
import jcuda.driver.JCudaDriver;

/**
 * Device memory. All work of a session runs in one stream, so a block may be given back while what
 * was enqueued before still uses it. {@code -Dtilework.cuda.pool=exact} takes each buffer from the
 * driver in its exact size and returns it at once: slow, but tools that watch memory
 * (compute-sanitizer) then see every access beyond a tensor.
 */
final class Memory implements PackedWeights.Memory<Memory.Block> {
  private static final long SMALLEST = 512;

  private final Session session;
  private final Usage usage = new Usage();
  private final BlockPool<Block> pool;
  private final boolean exact = "exact".equals(System.getProperty("tilework.cuda.pool"));

  Memory(Session session) {
    this.session = session;
    pool = new BlockPool<>(new FromDriver(), exact ? 1 : SMALLEST);
  }

  /**
   * A piece of device memory.
   *
   * @param size in bytes
   */
  record Block(Address address, long size) {}

  private final class FromDriver implements BlockPool.Source<Block> {
    @Override
    public Block create(long bytes) {
      session.makeCurrent();
      Address a = new Address();
      int result = JCudaDriver.cuMemAlloc(a, bytes);
      if (CudaStatus.outOfMemory(result)) {
        return null;
      }
      session.check("cuMemAlloc of " + bytes + " bytes", result);
      usage.taken(bytes);
      return new Block(a, bytes);
    }

    @Override
    public void release(Block block) {
      // Of a lost device nothing is to be had back; with any other this cannot fail.
      session.makeCurrent();
      JCudaDriver.cuMemFree(block.address());
      usage.taken(-block.size());
    }

    @Override
    public long size(Block block) {
      return block.size();
    }
  }

  CudaBuffer allocate(long bytes) {
    CudaBuffer buffer = new CudaBuffer(session, take(bytes), bytes);
    usage.live(bytes);
    return buffer;
  }

  void free(CudaBuffer buffer) {
    buffer.releasePacked();
    if (buffer.block() != null) {
      usage.live(-buffer.bytes());
      giveBack(buffer.block());
    }
  }

  @Override
  public Block take(long bytes) {
    session.requireAlive();
    Block block = exact ? new FromDriver().create(bytes) : pool.take(bytes);
    if (block == null) {
      MemoryUse use = use();
      throw new OutOfDeviceMemoryException(
          session.name
              + ": no memory for "
              + bytes
              + " bytes; "
              + use.live()
              + " bytes are in tensors and "
              + use.cached()
              + " beside them");
    }
    return block;
  }

  @Override
  public void giveBack(Block block) {
    if (session.isLost()) {
      // Its memory went with the context.
      return;
    }
    if (exact || session.isClosed()) {
      new FromDriver().release(block);
    } else {
      pool.giveBack(block);
    }
  }

  void trim() {
    session.synchronize();
    pool.trim();
  }

  MemoryUse use() {
    return usage.use();
  }

  void resetPeak() {
    usage.resetPeak();
  }
}
