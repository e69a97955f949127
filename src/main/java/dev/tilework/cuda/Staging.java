package dev.tilework.cuda;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.JCudaDriver;

/**
 * Copies between the host's memory and the device by way of pinned memory, which the device reads
 * and writes on its own: a write returns as soon as the data is in one of the pinned buffers, and
 * waits only when both are still on their way.
 */
final class Staging {
  private static final int SIZE = 4 << 20;

  private final Session session;
  private final Half[] halves = new Half[2];
  private int next;

  private static final class Half {
    final Pointer pointer = new Pointer();
    MemorySegment memory;
    final CUevent done = new CUevent();
  }

  Staging(Session session) {
    this.session = session;
  }

  /** A pinned buffer that no copy uses any more. */
  private Half half() {
    Half h = halves[next];
    if (h == null) {
      h = new Half();
      session.check("cuMemAllocHost", JCudaDriver.cuMemAllocHost(h.pointer, SIZE));
      ByteBuffer buffer = h.pointer.getByteBuffer(0, SIZE);
      h.memory = MemorySegment.ofBuffer(buffer);
      session.check(
          "cuEventCreate",
          JCudaDriver.cuEventCreate(h.done, CUevent_flags.CU_EVENT_DISABLE_TIMING));
      halves[next] = h;
    } else {
      session.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(h.done));
    }
    next = 1 - next;
    return h;
  }

  /** Copies to the device; the source may change as soon as it returns. */
  synchronized void write(CUdeviceptr to, MemorySegment from) {
    session.makeCurrent();
    for (long at = 0; at < from.byteSize(); at += SIZE) {
      long n = Math.min(SIZE, from.byteSize() - at);
      Half h = half();
      MemorySegment.copy(from, at, h.memory, 0, n);
      session.check(
          "cuMemcpyHtoDAsync",
          JCudaDriver.cuMemcpyHtoDAsync(to.withByteOffset(at), h.pointer, n, session.stream()));
      session.check("cuEventRecord", JCudaDriver.cuEventRecord(h.done, session.stream()));
    }
  }

  /** Copies from the device, after all that was asked of it before. */
  synchronized void read(MemorySegment to, CUdeviceptr from) {
    session.makeCurrent();
    long size = to.byteSize();
    Half before = null;
    long beforeAt = 0;
    for (long at = 0; at < size || before != null; at += SIZE) {
      Half h = null;
      if (at < size) {
        // The next piece travels while the one before is copied out.
        h = half();
        session.check(
            "cuMemcpyDtoHAsync",
            JCudaDriver.cuMemcpyDtoHAsync(
                h.pointer, from.withByteOffset(at), Math.min(SIZE, size - at), session.stream()));
        session.check("cuEventRecord", JCudaDriver.cuEventRecord(h.done, session.stream()));
      }
      if (before != null) {
        session.check("reading from the device", JCudaDriver.cuEventSynchronize(before.done));
        MemorySegment.copy(before.memory, 0, to, beforeAt, Math.min(SIZE, size - beforeAt));
      }
      before = h;
      beforeAt = at;
    }
  }

  /** Gives the pinned memory back; no copy may be under way. */
  synchronized void close() {
    for (Half h : halves) {
      if (h != null) {
        JCudaDriver.cuMemFreeHost(h.pointer);
        JCudaDriver.cuEventDestroy(h.done);
      }
    }
  }
}
