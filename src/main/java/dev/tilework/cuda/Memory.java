package dev.tilework.cuda;

import dev.tilework.kernels.DeviceDriver.MemoryUse;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.memory.BlockPool;
import dev.tilework.kernels.memory.BlockPool.Block;
import dev.tilework.kernels.memory.PackedWeights;
import jcuda.driver.JCudaDriver;

/**
 * Device memory. All work of a session runs in one stream, so a block may be given back while what
 * was enqueued before still uses it. {@code -Dtilework.cuda.pool=exact} takes each buffer from the
 * driver in its exact size and returns it at once: slow, but tools that watch memory
 * (compute-sanitizer) then see every access beyond a tensor.
 */
final class Memory implements PackedWeights.Memory<Address> {
  private static final long SMALLEST = 512;

  private final Session session;
  private final BlockPool<Address> pool;
  private final boolean exact = "exact".equals(System.getProperty("tilework.cuda.pool"));

  Memory(Session session) {
    this.session = session;
    pool = new BlockPool<>(new FromDriver(), exact ? 1 : SMALLEST);
  }

  private final class FromDriver implements BlockPool.Source<Address> {
    @Override
    public Address create(long bytes) {
      session.makeCurrent();
      Address a = new Address();
      int result = JCudaDriver.cuMemAlloc(a, bytes);
      if (CudaStatus.outOfMemory(result)) {
        return null;
      }
      session.check("cuMemAlloc of " + bytes + " bytes", result);
      return a;
    }

    @Override
    public void release(Address memory) {
      // Of a lost device nothing is to be had back; with any other this cannot fail.
      session.makeCurrent();
      JCudaDriver.cuMemFree(memory);
    }
  }

  CudaBuffer allocate(long bytes) {
    CudaBuffer buffer = new CudaBuffer(session, take(bytes), bytes);
    pool.count(bytes);
    return buffer;
  }

  void free(CudaBuffer buffer) {
    buffer.releasePacked();
    if (buffer.block() != null) {
      pool.count(-buffer.bytes());
      giveBack(buffer.block());
    }
  }

  @Override
  public Block<Address> take(long bytes) {
    session.requireAlive();
    Block<Address> block = exact ? takeExact(bytes) : pool.take(bytes);
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

  private Block<Address> takeExact(long bytes) {
    Address a = new FromDriver().create(bytes);
    return a == null ? null : new Block<>(a, bytes);
  }

  @Override
  public void giveBack(Block<Address> block) {
    if (session.isLost()) {
      // Its memory went with the context.
      return;
    }
    if (exact || session.isClosed()) {
      new FromDriver().release(block.memory());
    } else {
      pool.giveBack(block);
    }
  }

  void trim() {
    session.synchronize();
    pool.trim();
  }

  MemoryUse use() {
    return pool.use();
  }

  void resetPeak() {
    pool.resetPeak();
  }
}
