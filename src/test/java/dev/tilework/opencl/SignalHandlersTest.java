package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenCL's drivers leave the JVM its signals. */
class SignalHandlersTest {
  private static final int SIGUSR1 = 10;
  private static final MemorySegment IGNORE = MemorySegment.ofAddress(1);

  /** A driver that is loaded, compiles and runs kernels, with nothing kept from earlier runs. */
  @Test
  void aProgramThatUsesOpenClKeepsItsOwn(@TempDir Path cache) {
    Fork f = Fork.of(Map.of("POCL_CACHE_DIR", cache.toString()), SignalsProgram.class);
    assumeFalse(f.output().contains(SignalsProgram.NO_OPENCL), "there is no OpenCL device here");
    assertEquals(0, f.exitCode(), f.output());
    assertEquals("as before", f.output().lines().toList().getLast(), f.output());
  }

  @Test
  void whatAnActionChangedIsPutBack() {
    long[] before = SignalHandlers.handlers();
    assertEquals("done", SignalHandlers.keep(() -> ignore("done")));
    assertArrayEquals(before, SignalHandlers.handlers());
    assertThrows(
        IllegalStateException.class,
        () ->
            SignalHandlers.keep(
                () -> {
                  ignore("thrown");
                  throw new IllegalStateException();
                }));
    assertArrayEquals(before, SignalHandlers.handlers());
  }

  private static String ignore(String result) {
    assumeFalse(SignalHandlers.handlers()[11] == 0, "this system has no POSIX signals");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment action = arena.allocate(256, Long.BYTES);
      action.set(ADDRESS, 0, IGNORE);
      SignalHandlers.call(SIGUSR1, action, MemorySegment.NULL);
    }
    assertEquals(1, SignalHandlers.handlers()[SIGUSR1]);
    return result;
  }
}
