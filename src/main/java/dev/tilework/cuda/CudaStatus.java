package dev.tilework.cuda;

import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceLostException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** What the driver's results mean. */
final class CudaStatus {
  private CudaStatus() {}

  /** The result's name and what the driver says of it. */
  static String text(int result) {
    String[] said = new String[1];
    JCudaDriver.cuGetErrorString(result, said);
    String more = said[0] == null || said[0].isBlank() ? "" : ": " + said[0];
    return CUresult.stringFor(result) + " (" + result + ")" + more;
  }

  static boolean outOfMemory(int result) {
    return result == CUresult.CUDA_ERROR_OUT_OF_MEMORY;
  }

  /**
   * Whether the context cannot be used any more. The driver documents these results so: a kernel
   * went wrong, and "the process must be terminated and relaunched" or the context made anew.
   */
  static boolean lost(int result) {
    return switch (result) {
      case CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED ->
          true;
      default -> false;
    };
  }

  /** The exception for a result that is not success. */
  static DeviceException exception(String call, int result) {
    String message = call + " gave " + text(result);
    return lost(result)
        ? new DeviceLostException(message + "; the device and all that was on it is lost")
        : new DeviceException(message);
  }
}
