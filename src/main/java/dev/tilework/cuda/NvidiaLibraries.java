package dev.tilework.cuda;

import dev.tilework.kernels.DeviceException;
import java.util.function.Supplier;

/**
 * NVIDIA's own libraries, opened when a convolution or product first asks for one, which it does
 * only where a property says so.
 */
final class NvidiaLibraries {
  private final Session session;
  private Cudnn cudnn;
  private Cublas cublas;

  NvidiaLibraries(Session session) {
    this.session = session;
  }

  /**
   * cuDNN.
   *
   * @throws DeviceException naming what is to be installed where it is not there
   */
  synchronized Cudnn cudnn() {
    if (cudnn == null) {
      cudnn =
          open(
              "-Dtilework.conv=cudnn",
              "cuDNN 9 for CUDA 12 (libcudnn.so.9), and JCuda's"
                  + " org.jcuda:jcudnn:11.7.0 with org.jcuda:jcudnn-natives:12.6.0:linux-x86_64",
              () -> new Cudnn(session));
    }
    return cudnn;
  }

  /**
   * cuBLAS.
   *
   * @throws DeviceException naming what is to be installed where it is not there
   */
  synchronized Cublas cublas() {
    if (cublas == null) {
      cublas =
          open(
              "-Dtilework.gemm=cublas",
              "cuBLAS of CUDA 12 (libcublas.so.12), and JCuda's org.jcuda:jcublas:12.6.0",
              () -> new Cublas(session));
    }
    return cublas;
  }

  /** Opens a library; what says that a class or a native library is missing becomes a sentence. */
  static <T> T open(String option, String needed, Supplier<T> library) {
    try {
      return library.get();
    } catch (LinkageError e) {
      String first = String.valueOf(e.getMessage()).strip().lines().findFirst().orElse("");
      throw new DeviceException(
          option
              + " needs "
              + needed
              + "; without the option neither is needed. "
              + e.getClass().getSimpleName()
              + ": "
              + first);
    }
  }

  synchronized void close() {
    if (cudnn != null) {
      cudnn.close();
      cudnn = null;
    }
    if (cublas != null) {
      cublas.close();
      cublas = null;
    }
  }
}
