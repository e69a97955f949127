package dev.tilework.kernels;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory on a device, made by {@link DeviceDriver#allocate}. Each device extends this with what it
 * needs to find the memory. The version counts the writes, so that what was derived from the
 * content (packed weights, saved activations) can be known to be stale.
 */
public abstract class Buffer {
  private final long bytes;
  private final AtomicLong version = new AtomicLong();

  /** A buffer of the given size in bytes. */
  protected Buffer(long bytes) {
    this.bytes = bytes;
  }

  /** The size in bytes that was asked for. */
  public final long bytes() {
    return bytes;
  }

  /** How often the content was written. */
  public final long version() {
    return version.get();
  }

  /** Notes a write; called by the tensor layer after an operation that writes here. */
  public final void written() {
    version.incrementAndGet();
  }
}
