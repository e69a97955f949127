package dev.tilework.opencl;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The part of the OpenCL API that Aparapi does not offer, or offers only in a way that ends the JVM
 * on an error: memory, copies, launches and questions about limits. Handles are plain longs. Each
 * method that returns an int returns OpenCL's status, 0 for success ({@link ClStatus} names the
 * others). Not final, so that a test can make a call fail.
 */
class Cl {
  static final int DEVICE_NAME = 0x102B;
  static final int DRIVER_VERSION = 0x102D;
  static final int DEVICE_MAX_WORK_GROUP_SIZE = 0x1004;
  static final int DEVICE_LOCAL_MEM_TYPE = 0x1022;
  static final int DEVICE_LOCAL_MEM_SIZE = 0x1023;
  static final int DEVICE_AVAILABLE = 0x1027;
  private static final int PROGRAM_BUILD_LOG = 0x1183;
  private static final int KERNEL_WORK_GROUP_SIZE = 0x11B0;
  private static final int KERNEL_LOCAL_MEM_SIZE = 0x11B2;
  private static final long MEM_READ_WRITE = 1;

  private static final SymbolLookup LIBRARY = library();
  private static final MemorySegment NONE = MemorySegment.NULL;

  private static final MethodHandle CREATE_BUFFER =
      handle("clCreateBuffer", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle RELEASE_BUFFER =
      handle("clReleaseMemObject", JAVA_INT, JAVA_LONG);
  private static final MethodHandle WRITE = transfer("clEnqueueWriteBuffer");
  private static final MethodHandle READ = transfer("clEnqueueReadBuffer");
  private static final MethodHandle COPY =
      handle(
          "clEnqueueCopyBuffer",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle CREATE_KERNEL =
      handle("clCreateKernel", JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle RELEASE_KERNEL = handle("clReleaseKernel", JAVA_INT, JAVA_LONG);
  private static final MethodHandle SET_ARGUMENT =
      handle("clSetKernelArg", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS);
  private static final MethodHandle LAUNCH =
      handle(
          "clEnqueueNDRangeKernel",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle FINISH = handle("clFinish", JAVA_INT, JAVA_LONG);
  private static final MethodHandle FLUSH = handle("clFlush", JAVA_INT, JAVA_LONG);
  private static final MethodHandle DEVICE_INFO =
      handle("clGetDeviceInfo", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, ADDRESS, ADDRESS);
  private static final MethodHandle BUILD_INFO =
      handle(
          "clGetProgramBuildInfo",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);
  private static final MethodHandle KERNEL_INFO =
      handle(
          "clGetKernelWorkGroupInfo",
          JAVA_INT,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);

  /** Whether the OpenCL library is on this machine. */
  static boolean isPresent() {
    return LIBRARY != null;
  }

  private static SymbolLookup library() {
    for (String name :
        List.of(
            "libOpenCL.so.1",
            "libOpenCL.so",
            "OpenCL.dll",
            "/System/Library/Frameworks/OpenCL.framework/OpenCL")) {
      try {
        return SymbolLookup.libraryLookup(name, Arena.global());
      } catch (IllegalArgumentException e) {
        // Not under this name.
      }
    }
    return null;
  }

  private static MethodHandle handle(String name, MemoryLayout result, MemoryLayout... arguments) {
    if (LIBRARY == null) {
      return null;
    }
    return Linker.nativeLinker()
        .downcallHandle(LIBRARY.findOrThrow(name), FunctionDescriptor.of(result, arguments));
  }

  private static MethodHandle transfer(String name) {
    return handle(
        name, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT,
        ADDRESS, ADDRESS);
  }

  /**
   * A buffer of the size, or 0.
   *
   * @param status receives the status as an int
   */
  long createBuffer(long context, long bytes, MemorySegment status) {
    try {
      return (long) CREATE_BUFFER.invokeExact(context, MEM_READ_WRITE, bytes, NONE, status);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int releaseBuffer(long buffer) {
    try {
      return (int) RELEASE_BUFFER.invokeExact(buffer);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Copies native memory to the buffer; done when it returns. */
  int write(long queue, long buffer, long offset, MemorySegment source) {
    try {
      return (int)
          WRITE.invokeExact(queue, buffer, 1, offset, source.byteSize(), source, 0, NONE, NONE);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Copies the buffer to native memory; done when it returns. */
  int read(long queue, long buffer, long offset, MemorySegment target) {
    try {
      return (int)
          READ.invokeExact(queue, buffer, 1, offset, target.byteSize(), target, 0, NONE, NONE);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Enqueues a copy within the device. */
  int copy(long queue, long source, long sourceOffset, long target, long targetOffset, long bytes) {
    try {
      return (int)
          COPY.invokeExact(queue, source, target, sourceOffset, targetOffset, bytes, 0, NONE, NONE);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /**
   * A kernel of a program, or 0.
   *
   * @param status receives the status as an int
   */
  long createKernel(long program, String name, MemorySegment status) {
    try (Arena arena = Arena.ofConfined()) {
      return (long) CREATE_KERNEL.invokeExact(program, arena.allocateFrom(name), status);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  int releaseKernel(long kernel) {
    try {
      return (int) RELEASE_KERNEL.invokeExact(kernel);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Sets an argument; {@code value} is null for local memory of {@code bytes}. */
  int setArgument(long kernel, int index, long bytes, MemorySegment value) {
    try {
      return (int) SET_ARGUMENT.invokeExact(kernel, index, bytes, value);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Enqueues a kernel; {@code global} and {@code local} hold {@code dimensions} longs. */
  int launch(long queue, long kernel, int dimensions, MemorySegment global, MemorySegment local) {
    try {
      return (int)
          LAUNCH.invokeExact(queue, kernel, dimensions, NONE, global, local, 0, NONE, NONE);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Waits for all that was enqueued. */
  int finish(long queue) {
    try {
      return (int) FINISH.invokeExact(queue);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** Hands what was enqueued to the device. */
  int flush(long queue) {
    try {
      return (int) FLUSH.invokeExact(queue);
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** A number that a device tells of itself; 0 where it does not tell. */
  long deviceNumber(long device, int what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(8);
      int status = (int) DEVICE_INFO.invokeExact(device, what, 8L, value, NONE);
      return status == 0 ? value.get(JAVA_LONG, 0) : 0;
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** A text that a device tells of itself. */
  String deviceText(long device, int what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(512);
      int status = (int) DEVICE_INFO.invokeExact(device, what, 512L, value, NONE);
      return status == 0 ? value.getString(0).strip() : "";
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** What the compiler said of a program. */
  String buildLog(long program, long device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment length = arena.allocate(JAVA_LONG);
      int status =
          (int) BUILD_INFO.invokeExact(program, device, PROGRAM_BUILD_LOG, 0L, NONE, length);
      long n = length.get(JAVA_LONG, 0);
      if (status != 0 || n == 0) {
        return "";
      }
      MemorySegment text = arena.allocate(n);
      status = (int) BUILD_INFO.invokeExact(program, device, PROGRAM_BUILD_LOG, n, text, NONE);
      return status == 0 ? text.getString(0, StandardCharsets.UTF_8).strip() : "";
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  /** The largest work group that a kernel can run with on a device. */
  long kernelWorkGroup(long kernel, long device) {
    return kernelNumber(kernel, device, KERNEL_WORK_GROUP_SIZE);
  }

  /** The local memory in bytes that a kernel declares, arguments set so far included. */
  long kernelLocalMemory(long kernel, long device) {
    return kernelNumber(kernel, device, KERNEL_LOCAL_MEM_SIZE);
  }

  private static long kernelNumber(long kernel, long device, int what) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(8);
      int status = (int) KERNEL_INFO.invokeExact(kernel, device, what, 8L, value, NONE);
      return status == 0 ? value.get(JAVA_LONG, 0) : 0;
    } catch (Throwable e) {
      throw broken(e);
    }
  }

  private static IllegalStateException broken(Throwable e) {
    return new IllegalStateException("a call of the OpenCL library failed inside the JVM", e);
  }
}
