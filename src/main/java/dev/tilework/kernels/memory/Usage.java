package dev.tilework.kernels.memory;

import dev.tilework.kernels.DeviceDriver.MemoryUse;

/** Counts the bytes of a device's memory. */
public final class Usage {
  private long live;
  private long peak;
  private long taken;

  /** Bytes of a tensor's buffer that was made or, negative, closed. */
  public synchronized void live(long bytes) {
    live += bytes;
    peak = Math.max(peak, live);
  }

  /** Bytes that were taken from the device or, negative, returned to it. */
  public synchronized void taken(long bytes) {
    taken += bytes;
  }

  /** The bytes in tensors. */
  public synchronized long live() {
    return live;
  }

  /**
   * All bytes taken from the device: those in tensors, packed weights and what is kept for reuse.
   */
  public synchronized long taken() {
    return taken;
  }

  /** The memory in use; all that is taken and not in tensors counts as cached. */
  public synchronized MemoryUse use() {
    return new MemoryUse(live, peak, Math.max(0, taken - live));
  }

  /** Sets the peak to the bytes live now. */
  public synchronized void resetPeak() {
    peak = live;
  }
}
