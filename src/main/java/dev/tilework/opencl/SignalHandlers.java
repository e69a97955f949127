package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Keeps the process's signal handlers as they are while an OpenCL driver is loaded or compiles.
 *
 * <p>Drivers that hold a compiler take the JVM's signals for themselves: PoCL catches SIGFPE and
 * steps over the instruction, so that a division by zero in Java no longer throws; its LLVM catches
 * SIGSEGV, by which the JVM finds null pointers and stops its threads, with a handler that is gone
 * for a moment after each signal: two threads that fault at once end the process, without a word.
 * LLVM puts up its handlers once and does not look again, so to put the JVM's back right after is
 * enough.
 */
final class SignalHandlers {
  /** Of POSIX's own signals; the JVM uses no other. */
  private static final int SIGNALS = 32;

  /** No system's {@code struct sigaction} is larger. */
  private static final int STRUCT = 256;

  private static final MethodHandle SIGACTION = sigaction();

  private SignalHandlers() {}

  private static MethodHandle sigaction() {
    if (System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find("sigaction")
        .map(
            f ->
                linker.downcallHandle(
                    f, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS)))
        .orElse(null);
  }

  /** What the action gives; the handlers that it changed are put back, also where it throws. */
  static <T> T keep(Supplier<T> action) {
    if (SIGACTION == null) {
      return action.get();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = arena.allocate((long) SIGNALS * STRUCT, Long.BYTES);
      MemorySegment now = arena.allocate(STRUCT, Long.BYTES);
      for (int signal = 1; signal < SIGNALS; signal++) {
        call(signal, MemorySegment.NULL, of(before, signal));
      }
      try {
        return action.get();
      } finally {
        for (int signal = 1; signal < SIGNALS; signal++) {
          call(signal, MemorySegment.NULL, now);
          if (now.get(JAVA_LONG, 0) != of(before, signal).get(JAVA_LONG, 0)) {
            call(signal, of(before, signal), MemorySegment.NULL);
          }
        }
      }
    }
  }

  /** The address of each signal's handler by the signal's number; 0 where it has none. */
  static long[] handlers() {
    long[] all = new long[SIGNALS];
    if (SIGACTION != null) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment now = arena.allocate(STRUCT, Long.BYTES);
        for (int signal = 1; signal < SIGNALS; signal++) {
          call(signal, MemorySegment.NULL, now);
          all[signal] = now.get(JAVA_LONG, 0);
        }
      }
    }
    return all;
  }

  /** The status is of no use: the signals that cannot be caught have no handler to lose. */
  static void call(int signal, MemorySegment set, MemorySegment old) {
    try {
      int status = (int) SIGACTION.invokeExact(signal, set, old);
    } catch (Throwable e) {
      throw new IllegalStateException("sigaction cannot be called", e);
    }
  }

  private static MemorySegment of(MemorySegment all, int signal) {
    return all.asSlice((long) signal * STRUCT, STRUCT);
  }
}
