package dev.tilework.docs;

import com.aparapi.Kernel;
import com.aparapi.device.OpenCLDevice;
import com.aparapi.exception.CompileFailedException;
import com.aparapi.internal.kernel.KernelManager;

/** Runs kernels that are written in Java on the best OpenCL device, and nowhere else. */
final class OnOpenCl {
  private static final int GROUP = 64;

  private OnOpenCl() {}

  /** Runs a kernel for the numbers from 0 to at least n - 1. */
  static void run(Kernel kernel, int n) {
    if (!(KernelManager.instance().bestDevice() instanceof OpenCLDevice device)) {
      throw new IllegalStateException("Aparapi finds no OpenCL device");
    }
    String name = kernel.getClass().getName();
    try {
      kernel.compile(device); // does nothing the second time
    } catch (CompileFailedException e) {
      throw new IllegalStateException("Aparapi cannot translate " + name + " to OpenCL", e);
    }
    int group = Math.min(GROUP, device.getMaxWorkGroupSize());
    kernel.execute(device.createRange((n + group - 1) / group * group, group));
    // When a launch fails, Aparapi goes on in Java threads.
    if (kernel.getTargetDevice() != device) {
      throw new IllegalStateException(name + " did not run on " + device.getShortDescription());
    }
  }
}
