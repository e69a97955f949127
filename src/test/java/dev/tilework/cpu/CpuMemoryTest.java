package dev.tilework.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.kernels.OutOfDeviceMemoryException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CpuMemoryTest {
  private final CpuMemory memory = new CpuMemory();

  @Test
  void countsLiveAndPeakAndCachedBytes() {
    CpuBuffer a = memory.allocate(1000);
    CpuBuffer b = memory.allocate(5000);
    assertEquals(6000, memory.use().live());
    memory.free(a);
    assertEquals(5000, memory.use().live());
    assertEquals(6000, memory.use().peak());
    // What was freed, and what the other's size was rounded up by.
    assertEquals(a.block.size() + b.block.size() - 5000, memory.use().cached());
    memory.resetPeak();
    assertEquals(5000, memory.use().peak());
    memory.free(b);
    memory.trim();
    assertEquals(0, memory.use().live());
    assertEquals(0, memory.use().cached());
  }

  @Test
  void reusesWhatWasFreed() {
    CpuBuffer a = memory.allocate(100_000);
    long address = a.address;
    memory.free(a);
    CpuBuffer b = memory.allocate(99_999);
    assertEquals(address, b.address);
    CpuBuffer c = memory.allocate(100_000);
    assertNotEquals(address, c.address);
  }

  @Test
  void blocksAreAlignedAndLargeEnough() {
    for (long bytes : new long[] {1, 63, 64, 65, 1000, 4097, 65_537, (2 << 20) + 1, 10_000_019}) {
      CpuBuffer b = memory.allocate(bytes);
      assertEquals(0, b.address % 64, "bytes: " + bytes);
      assertTrue(b.block.size() >= bytes && b.block.size() <= bytes * 9 / 8 + 64);
      b.segment(bytes - 1, 1).fill((byte) 1);
      memory.free(b);
    }
  }

  @Test
  void tooMuchIsAnOutOfDeviceMemoryException() {
    CpuBuffer kept = memory.allocate(4096);
    memory.free(memory.allocate(1 << 20));
    OutOfDeviceMemoryException e =
        assertThrows(OutOfDeviceMemoryException.class, () -> memory.allocate(1L << 46));
    assertTrue(e.getMessage().contains(Long.toString(1L << 46)), e.getMessage());
    assertEquals(4096, memory.use().live());
    // What was kept for reuse was given up for it; what is in use was not.
    assertEquals(0, memory.use().cached());
    kept.segment(0, 4096).fill((byte) 1);
    memory.free(memory.allocate(4096));
  }

  @Test
  void packsAgainOnlyAfterAWrite() {
    CpuBuffer weights = memory.allocate(256);
    AtomicInteger packs = new AtomicInteger();
    CpuBuffer.Packer packer = to -> packs.incrementAndGet();
    long a = weights.packed(memory, "layout", 0, 512, packer);
    assertEquals(a, weights.packed(memory, "layout", 0, 512, packer));
    assertEquals(1, packs.get());
    weights.written();
    assertEquals(a, weights.packed(memory, "layout", 0, 512, packer));
    assertEquals(2, packs.get());
    assertNotEquals(a, weights.packed(memory, "other", 0, 512, packer));
    assertNotEquals(a, weights.packed(memory, "layout", 128, 512, packer));
    assertEquals(4, packs.get());
    assertEquals(3 * 512, memory.use().cached());
    memory.free(weights);
    // The three packed blocks and the buffer's own.
    assertEquals(3 * 512 + 256, memory.use().cached());
  }

  @Test
  void aWriteWhilePackingMakesTheResultStale() {
    CpuBuffer weights = memory.allocate(256);
    AtomicInteger packs = new AtomicInteger();
    weights.packed(
        memory,
        "layout",
        0,
        512,
        to -> {
          packs.incrementAndGet();
          weights.written();
        });
    weights.packed(memory, "layout", 0, 512, to -> packs.incrementAndGet());
    assertEquals(2, packs.get());
  }

  @Test
  void aFailedPackingLeavesNothingBehind() {
    CpuBuffer weights = memory.allocate(256);
    assertThrows(
        IllegalStateException.class,
        () ->
            weights.packed(
                memory,
                "layout",
                0,
                512,
                to -> {
                  throw new IllegalStateException();
                }));
    assertEquals(512, memory.use().cached());
    memory.trim();
    assertEquals(0, memory.use().cached());
  }

  @Test
  void manyThreadsAllocateAndFree() throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] threads = new Thread[4];
    for (int t = 0; t < threads.length; t++) {
      byte mark = (byte) (t + 1);
      threads[t] =
          new Thread(
              () -> {
                try {
                  for (int i = 0; i < 500; i++) {
                    CpuBuffer b = memory.allocate(64 + i % 7 * 64);
                    b.segment(0, b.bytes()).fill(mark);
                    Thread.yield();
                    for (long k = 0; k < b.bytes(); k++) {
                      assertEquals(mark, Simd.getByte(b.address + k));
                    }
                    memory.free(b);
                  }
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      threads[t].start();
    }
    for (Thread t : threads) {
      t.join();
    }
    assertEquals(null, failure.get());
    assertEquals(0, memory.use().live());
  }
}
