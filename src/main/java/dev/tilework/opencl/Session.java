package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.aparapi.internal.opencl.OpenCLProgram;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/**
 * A device opened: Aparapi's context, queue and program, the kernels and the memory. When the
 * device is lost, all of it is, and a new session can be opened. Launching is one thread's at a
 * time, since the arguments of a kernel are set one by one; see {@link Launcher}.
 */
final class Session {
  final Cl cl;
  final ClDevice device;
  final String name;
  final Profile profile;
  final Tuning tuning;
  final long context;
  final long queue;
  final Memory memory;
  final Launcher launcher;
  private final OpenCLProgram program;
  private final long programId;
  private final Map<String, Kernel> kernels = new HashMap<>();
  private volatile String lost;

  /**
   * Compiles the kernels for a device.
   *
   * @throws DeviceException with the compiler's log
   */
  Session(
      Cl cl,
      ClDevice device,
      String name,
      Profile profile,
      Tuning tuning,
      String source,
      Memory.Usage usage) {
    this.cl = cl;
    this.device = device;
    this.name = name;
    this.profile = profile;
    this.tuning = tuning;
    program = new OpenCLProgram(device.aparapi(), source).createProgram(device.aparapi());
    if (program == null) {
      throw new DeviceException(name + ": Aparapi could not open " + device.description());
    }
    programId = id(program, "programId");
    context = id(program, "contextId");
    queue = id(program, "queueId");
    if (queue == 0) {
      // Aparapi makes the queue last and only for a program that was built.
      throw new DeviceException(
          name
              + ": the kernels do not compile for "
              + device.description()
              + "; the compiler said:\n"
              + cl.buildLog(programId, device.id()));
    }
    memory = new Memory(this, usage);
    launcher = new Launcher(this);
  }

  /** Aparapi keeps OpenCL's handles to itself. */
  private static long id(OpenCLProgram program, String field) {
    try {
      Field f = OpenCLProgram.class.getDeclaredField(field);
      f.setAccessible(true);
      return f.getLong(program);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this version of Aparapi has no " + field, e);
    }
  }

  /**
   * A kernel with what it allows here.
   *
   * @param id OpenCL's handle
   * @param workGroup the largest work group it can run with
   */
  record Kernel(String name, long id, long workGroup) {}

  /** A kernel by name; to be called by one thread at a time. */
  Kernel kernel(String kernel) {
    return kernels.computeIfAbsent(kernel, this::createKernel);
  }

  private Kernel createKernel(String kernel) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      long id = cl.createKernel(programId, kernel, status);
      check("clCreateKernel of " + kernel, status.get(JAVA_INT, 0));
      return new Kernel(kernel, id, Math.max(1, cl.kernelWorkGroup(id, device.id())));
    }
  }

  /**
   * Throws where a call failed.
   *
   * @param call what was called, for the message
   */
  void check(String call, int status) {
    if (status == 0) {
      return;
    }
    String message = call + " gave " + ClStatus.name(status);
    if (ClStatus.maybeLost(status) && (status == -2 || cl.finish(queue) != 0)) {
      lost = message;
      throw new DeviceLostException(message + "; the device and all that was on it is lost");
    }
    throw new DeviceException(message);
  }

  boolean isLost() {
    return lost != null;
  }

  /** Throws where the device was lost. */
  void requireAlive() {
    if (lost != null) {
      throw new DeviceLostException(
          "the device was lost before, and the tensors on it with it: " + lost);
    }
  }

  /** Gives back what the session holds. No buffer of it may be used afterwards. */
  void close() {
    memory.trim();
    kernels.values().forEach(k -> cl.releaseKernel(k.id()));
    kernels.clear();
    program.dispose();
  }
}
