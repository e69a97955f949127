package dev.tilework.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Assumptions;

/** What the stand-in for the CUDA driver offers tests beside the driver's own functions. */
final class StandIn {
  private static final String LIBRARY = System.getProperty("tilework.cuda.driver");
  private static final SymbolLookup SYMBOLS =
      LIBRARY == null || !Files.exists(Path.of(LIBRARY))
          ? null
          : SymbolLookup.libraryLookup(Path.of(LIBRARY), Arena.global());

  private StandIn() {}

  /** Skips the test by name where the driver is a real one, or there is none. */
  static void assume() {
    Assumptions.assumeTrue(isHere(), "not on the stand-in for the CUDA driver");
  }

  /** Whether the driver is the stand-in. */
  static boolean isHere() {
    return SYMBOLS != null && SYMBOLS.find("simSchedule").isPresent();
  }

  /** The order in which threads run: 0 in turns, 1 in reverse, others drawn. */
  static void schedule(int number) {
    call("simSchedule", FunctionDescriptor.ofVoid(JAVA_INT), number);
  }

  /** Limits the memory of each device. */
  static void memory(long bytes) {
    call("simMemory", FunctionDescriptor.ofVoid(JAVA_LONG), bytes);
  }

  /** The n-th call of the driver from now on gives the result, and no other. */
  static void failCall(long n, int result) {
    call("simFailCall", FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT), n, result);
  }

  /** What a program may forget to give back. */
  enum Kind {
    BUFFERS,
    STREAMS,
    EVENTS,
    MODULES,
    PINNED
  }

  /** How many of a kind there are. */
  static long live(Kind kind) {
    return (long) call("simLive", FunctionDescriptor.of(JAVA_LONG, JAVA_INT), kind.ordinal());
  }

  /** How many of each kind there are. */
  static long[] counts() {
    return Arrays.stream(Kind.values()).mapToLong(StandIn::live).toArray();
  }

  /** Sets of eight rows that ldmatrix read, and the accesses to memory banks that they took. */
  static long[] ldmatrix() {
    FunctionDescriptor number = FunctionDescriptor.of(JAVA_LONG);
    return new long[] {
      (long) call("simLdmatrixPhases", number), (long) call("simLdmatrixAccesses", number)
    };
  }

  private static Object call(String name, FunctionDescriptor descriptor, Object... arguments) {
    MethodHandle h = Linker.nativeLinker().downcallHandle(SYMBOLS.findOrThrow(name), descriptor);
    try {
      return h.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(name, e);
    }
  }
}
