package dev.tilework.opencl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Copies between the host and a device, and within it. */
final class Transfers {
  private static final long STAGING = 4 << 20;

  private Transfers() {}

  /** Copies a segment to a buffer, by way of native memory where it is on the Java heap. */
  static void write(ClBuffer to, long offset, MemorySegment from) {
    if (from.byteSize() == 0) {
      return;
    }
    if (from.isNative()) {
      writeNative(to, offset, from);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(Math.min(STAGING, from.byteSize()), 64);
      for (long at = 0; at < from.byteSize(); at += STAGING) {
        long n = Math.min(STAGING, from.byteSize() - at);
        writeNative(to, offset + at, staging.asSlice(0, n).copyFrom(from.asSlice(at, n)));
      }
    }
  }

  private static void writeNative(ClBuffer to, long offset, MemorySegment from) {
    Session s = to.session;
    s.enqueue(
        "copy to the device",
        "clEnqueueWriteBuffer",
        () -> s.cl.write(s.queue, to.block.handle(), offset, from));
  }

  /** Fills a segment from a buffer. */
  static void read(MemorySegment to, ClBuffer from, long offset) {
    if (to.byteSize() == 0) {
      return;
    }
    if (to.isNative()) {
      readNative(to, from, offset);
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(Math.min(STAGING, to.byteSize()), 64);
      for (long at = 0; at < to.byteSize(); at += STAGING) {
        long n = Math.min(STAGING, to.byteSize() - at);
        readNative(staging.asSlice(0, n), from, offset + at);
        to.asSlice(at, n).copyFrom(staging.asSlice(0, n));
      }
    }
  }

  private static void readNative(MemorySegment to, ClBuffer from, long offset) {
    Session s = from.session;
    s.enqueue(
        "copy from the device",
        "clEnqueueReadBuffer",
        () -> s.cl.read(s.queue, from.block.handle(), offset, to));
  }

  /** Copies bytes within the device. */
  static void copy(ClBuffer to, long toOffset, ClBuffer from, long fromOffset, long bytes) {
    if (bytes == 0) {
      return;
    }
    Session s = to.session;
    s.enqueue(
        "copy within the device",
        "clEnqueueCopyBuffer",
        () ->
            s.cl.copy(
                s.queue, from.block.handle(), fromOffset, to.block.handle(), toOffset, bytes));
  }
}
