package dev.tilework.cuda;

import dev.tilework.kernels.DeviceException;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * A GPU opened: its primary context (which other libraries in the process share), one stream, the
 * module of all kernels and the memory. When the GPU is lost, all of it is, and a new session can
 * be opened.
 */
final class Session {
  /** The most dynamic shared memory that a kernel gets without asking for more. */
  private static final int SHARED_WITHOUT_ASKING = 48 << 10;

  final GpuInfo gpu;
  final String name;
  final Memory memory;
  final Launcher launcher;
  final Staging staging;
  final NvidiaLibraries libraries;
  private final PrimaryContext context;
  private final CUstream stream;
  private final boolean ownStream;
  private final CUmodule module = new CUmodule();
  private final Map<String, Kernel> kernels = new HashMap<>();
  private volatile boolean closed;

  /**
   * Opens a GPU.
   *
   * @param image the module: a fatbin
   * @param stream a caller's stream, or null for one of the session's own
   */
  Session(GpuInfo gpu, String name, byte[] image, CUstream stream) {
    this.gpu = gpu;
    this.name = name;
    context = PrimaryContext.retain(gpu);
    ownStream = stream == null;
    this.stream = ownStream ? new CUstream() : stream;
    try {
      open(image);
    } catch (RuntimeException | Error e) {
      context.release();
      throw e;
    }
    memory = new Memory(this);
    launcher = new Launcher(this);
    staging = new Staging(this);
    libraries = new NvidiaLibraries(this);
  }

  private void open(byte[] image) {
    makeCurrent();
    check("cuModuleLoadData", JCudaDriver.cuModuleLoadData(module, image));
    if (ownStream) {
      check(
          "cuStreamCreate",
          JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    }
  }

  void makeCurrent() {
    context.makeCurrent();
  }

  CUstream stream() {
    return stream;
  }

  /**
   * A kernel with what it allows.
   *
   * @param threads the most threads of a block
   */
  record Kernel(String name, CUfunction function, int threads) {}

  /** A kernel by name; to be called by one thread at a time, with the context current. */
  Kernel kernel(String kernel, int sharedMemory) {
    Kernel k = kernels.get(kernel);
    if (k == null) {
      CUfunction f = new CUfunction();
      check("cuModuleGetFunction of " + kernel, JCudaDriver.cuModuleGetFunction(f, module, kernel));
      int[] threads = new int[1];
      check(
          "cuFuncGetAttribute of " + kernel,
          JCudaDriver.cuFuncGetAttribute(
              threads, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, f));
      k = new Kernel(kernel, f, threads[0]);
      if (sharedMemory > SHARED_WITHOUT_ASKING) {
        check(
            "cuFuncSetAttribute of " + kernel,
            JCudaDriver.cuFuncSetAttribute(
                f,
                CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                gpu.sharedMemory()));
      }
      kernels.put(kernel, k);
    }
    return k;
  }

  /**
   * Throws where a call failed.
   *
   * @param call what was called, for the message
   */
  void check(String call, int result) {
    if (result == 0) {
      return;
    }
    if (CudaStatus.lost(result)) {
      context.lose(call + " gave " + CudaStatus.text(result));
    }
    throw CudaStatus.exception(call, result);
  }

  boolean isLost() {
    return context.isLost();
  }

  /** Whether its memory can be given back to no pool any more. */
  boolean isClosed() {
    return closed;
  }

  /** Throws where the GPU was lost or the session was closed. */
  void requireAlive() {
    context.requireAlive();
    if (closed) {
      throw new DeviceException(name + " was closed");
    }
  }

  /**
   * To be called before the session is used, and {@link #leave} after: what was lost is reset only
   * when no thread is in it.
   */
  void enter() {
    requireAlive();
    context.enter();
  }

  /** Ends what {@link #enter} began. */
  void leave() {
    context.leave();
  }

  /** Waits for what was enqueued and gives back all but the memory of tensors that are open. */
  void close() {
    if (closed || isLost()) {
      closed = true;
      return;
    }
    enter();
    try {
      memory.trim();
      closed = true;
      libraries.close();
      staging.close();
      JCudaDriver.cuModuleUnload(module);
      if (ownStream) {
        JCudaDriver.cuStreamDestroy(stream);
      }
      context.release();
    } finally {
      leave();
    }
  }

  /** Enqueues a copy within the device. */
  void copy(CUdeviceptr to, CUdeviceptr from, long bytes) {
    if (bytes > 0) {
      makeCurrent();
      check("cuMemcpyDtoDAsync", JCudaDriver.cuMemcpyDtoDAsync(to, from, bytes, stream));
    }
  }

  void synchronize() {
    makeCurrent();
    check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
  }
}
