package dev.tilework.cpu;

import dev.tilework.kernels.OutOfDeviceMemoryException;
import java.lang.foreign.Arena;

/** Working memory of a thread, which grows and is kept; a few slots for users that nest. */
final class Scratch {
  private static final int SLOTS = 8;
  private static final ThreadLocal<Scratch> LOCAL = ThreadLocal.withInitial(Scratch::new);

  private final long[] address = new long[SLOTS];
  private final long[] size = new long[SLOTS];
  private final Arena[] arena = new Arena[SLOTS];

  private Scratch() {}

  /**
   * At least so many bytes, 64-byte aligned, of undefined content; valid until the thread asks for
   * the slot again.
   */
  static long get(int slot, long bytes) {
    return LOCAL.get().take(slot, bytes);
  }

  private long take(int slot, long bytes) {
    if (size[slot] < bytes) {
      long rounded = CpuMemory.sizeClass(bytes);
      // An automatic arena goes when its thread and this object are gone.
      Arena fresh = Arena.ofAuto();
      try {
        address[slot] = fresh.allocate(rounded + CpuMemory.OVERREAD, 64).address();
      } catch (OutOfMemoryError e) {
        throw new OutOfDeviceMemoryException(
            "cpu: no working memory of " + rounded + " bytes; see -XX:MaxDirectMemorySize");
      }
      arena[slot] = fresh;
      size[slot] = rounded;
    }
    return address[slot];
  }
}
