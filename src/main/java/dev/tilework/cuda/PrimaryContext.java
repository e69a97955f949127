package dev.tilework.cuda;

import dev.tilework.kernels.DeviceLostException;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.JCudaDriver;

/**
 * A GPU's primary context, which all sessions on the GPU share with each other and with whatever
 * else in the process uses CUDA: a kernel that goes wrong in one of them ends them all. It is reset
 * once no thread is in it, and after that the next session gets a new one.
 */
final class PrimaryContext {
  private static final Map<Integer, PrimaryContext> LATEST = new HashMap<>();

  private final GpuInfo gpu;
  private final CUcontext context = new CUcontext();
  private volatile String lost;
  private int users;
  private boolean reset;

  private PrimaryContext(GpuInfo gpu) {
    this.gpu = gpu;
  }

  /** The GPU's context, retained once more. */
  static PrimaryContext retain(GpuInfo gpu) {
    while (true) {
      PrimaryContext c;
      synchronized (LATEST) {
        c = LATEST.computeIfAbsent(gpu.ordinal(), i -> new PrimaryContext(gpu));
        if (!c.isLost()) {
          int result = JCudaDriver.cuDevicePrimaryCtxRetain(c.context, gpu.device());
          if (result != 0) {
            throw CudaStatus.exception("cuDevicePrimaryCtxRetain", result);
          }
          return c;
        }
      }
      c.awaitReset();
      synchronized (LATEST) {
        LATEST.remove(gpu.ordinal(), c);
      }
    }
  }

  /** Undoes what {@link #retain} did for one session. */
  void release() {
    JCudaDriver.cuDevicePrimaryCtxRelease(gpu.device());
  }

  /** Its handle. */
  CUcontext handle() {
    return context;
  }

  /** A context belongs to a thread: every call of the driver is for the thread's current one. */
  void makeCurrent() {
    int result = JCudaDriver.cuCtxSetCurrent(context);
    if (result != 0) {
      throw CudaStatus.exception("cuCtxSetCurrent", result);
    }
  }

  /** Notes that nothing works in it any more. */
  void lose(String why) {
    lost = why;
  }

  boolean isLost() {
    return lost != null;
  }

  /** Throws where the GPU was lost. */
  void requireAlive() {
    if (lost != null) {
      throw new DeviceLostException(
          "the device was lost before, and the tensors on it with it: " + lost);
    }
  }

  /** To be called before the context is used, and {@link #leave} after. */
  synchronized void enter() {
    requireAlive();
    users++;
  }

  /** Ends what {@link #enter} began; the last to leave a lost context resets it. */
  synchronized void leave() {
    users--;
    if (users == 0 && lost != null) {
      reset();
      notifyAll();
    }
  }

  private synchronized void awaitReset() {
    boolean interrupted = false;
    while (users > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    reset();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void reset() {
    if (!reset) {
      reset = true;
      // Frees all that was on the GPU, and makes it usable again for the process as a whole.
      JCudaDriver.cuDevicePrimaryCtxReset(gpu.device());
    }
  }
}
