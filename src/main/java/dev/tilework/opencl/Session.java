package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import com.aparapi.internal.opencl.OpenCLProgram;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import dev.tilework.kernels.OutOfDeviceMemoryException;
import dev.tilework.kernels.memory.Usage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;

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
  private int users;
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
      Usage usage) {
    this.cl = cl;
    this.device = device;
    this.name = name;
    this.profile = profile;
    this.tuning = tuning;
    program =
        SignalHandlers.keep(
            () -> new OpenCLProgram(device.aparapi(), source).createProgram(device.aparapi()));
    if (program == null) {
      throw new DeviceException(name + ": Aparapi could not open " + device.description());
    }
    programId = id(program, "programId");
    context = id(program, "contextId");
    queue = id(program, "queueId");
    if (queue == 0) {
      String why = whyNotOpened();
      program.dispose();
      throw new DeviceException(name + ": " + why);
    }
    memory = new Memory(this, usage);
    launcher = new Launcher(this);
  }

  /** Aparapi tells no status, but makes a context, a program and a queue in this order. */
  private String whyNotOpened() {
    String log = context == 0 || programId == 0 ? "" : cl.buildLog(programId, device.id());
    return log.isEmpty()
        ? "OpenCL could not open " + device.description()
        : "the kernels do not compile for " + device.description() + "; its compiler said:\n" + log;
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
   * @param label "kernel" and the name
   * @param id OpenCL's handle
   * @param workGroup the largest work group it can run with
   */
  record Kernel(String label, long id, long workGroup) {}

  /** A kernel by name; to be called by one thread at a time. */
  Kernel kernel(String kernel) {
    return kernels.computeIfAbsent(kernel, this::createKernel);
  }

  private Kernel createKernel(String kernel) {
    String label = "kernel " + kernel;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(JAVA_INT);
      long id = cl.createKernel(programId, kernel, status);
      check(label, "clCreateKernel", status.get(JAVA_INT, 0));
      return new Kernel(label, id, Math.max(1, cl.kernelWorkGroup(id, device.id())));
    }
  }

  /**
   * Enqueues something; once more without the memory kept for reuse where memory was short.
   *
   * @param what names it in an exception
   * @param call OpenCL's function
   */
  void enqueue(String what, String call, IntSupplier command) {
    int status = command.getAsInt();
    if (ClStatus.outOfMemory(status)) {
      // Devices with memory of their own place buffers only when they are first used.
      memory.trim();
      status = command.getAsInt();
    }
    check(what, call, status);
  }

  /**
   * Throws where a call failed.
   *
   * @param what was to be done, for the message
   * @param call OpenCL's function
   */
  void check(String what, String call, int status) {
    if (status == 0) {
      return;
    }
    String message = what + ": " + call + " gave " + ClStatus.name(status);
    if (ClStatus.outOfMemory(status)) {
      throw new OutOfDeviceMemoryException(message);
    }
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

  /**
   * To be called before the session is used, and {@link #leave} after: what was lost is closed only
   * when no thread is in it.
   *
   * @throws DeviceLostException where it is lost
   */
  synchronized void enter() {
    requireAlive();
    users++;
  }

  /** Ends what {@link #enter} began; the last to leave a lost session closes it. */
  synchronized void leave() {
    if (--users == 0 && lost != null) {
      close();
    }
  }

  /**
   * Gives back what the session holds but for buffers in use, which can still be freed. To be
   * called once, by the last that uses it.
   */
  void close() {
    // Nothing may still run when what it uses is released; on a lost device this fails at once.
    cl.finish(queue);
    memory.trim();
    kernels.values().forEach(k -> cl.releaseKernel(k.id()));
    kernels.clear();
    program.dispose();
  }
}
