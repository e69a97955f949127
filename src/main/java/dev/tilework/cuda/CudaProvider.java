package dev.tilework.cuda;

import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceException;
import dev.tilework.kernels.DeviceProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Finds NVIDIA GPUs through their driver. {@code -Dtilework.cuda.driver=FILE} names the driver's
 * library where it is not on the system's path, {@code -Dtilework.cuda.module=FILE} kernels other
 * than those in the jar.
 */
public final class CudaProvider implements DeviceProvider {
  private static final String MODULE = "/kernels/cuda/tilework.fatbin";
  private static final int OLDEST = 80;

  @Override
  public String kind() {
    return "cuda";
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public Discovery discover() {
    int[] count = new int[1];
    try {
      String library = System.getProperty("tilework.cuda.driver");
      if (library != null) {
        System.load(Path.of(library).toAbsolutePath().toString());
      }
      JCudaDriver.setExceptionsEnabled(false);
      int result = JCudaDriver.cuInit(0);
      if (result == CUresult.CUDA_SUCCESS) {
        result = JCudaDriver.cuDeviceGetCount(count);
      }
      if (result == CUresult.CUDA_ERROR_NO_DEVICE || (result == 0 && count[0] == 0)) {
        return none("the NVIDIA driver finds no GPU");
      }
      if (result != CUresult.CUDA_SUCCESS) {
        return none("the NVIDIA driver does not start: " + CudaStatus.text(result));
      }
    } catch (LinkageError e) {
      // Thrown when JCuda's native library does not find the driver's, and at each touch after
      // that.
      return none(
          "there is no NVIDIA driver (libcuda.so.1); for an NVIDIA card install nvidia-driver,"
              + " nothing else of CUDA is needed");
    }
    return open(count[0]);
  }

  private static Discovery open(int count) {
    byte[] image;
    try {
      image = module();
    } catch (IOException e) {
      return none("the kernels cannot be read: " + e);
    }
    if (image == null) {
      return none("this jar was built without nvcc and has no CUDA kernels");
    }
    List<DeviceDriver> drivers = new ArrayList<>();
    List<String> tooOld = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      try {
        GpuInfo gpu = GpuInfo.of(i);
        if (gpu.capability() < OLDEST) {
          tooOld.add(gpu.description());
        } else {
          drivers.add(new CudaDriver(gpu, "cuda:" + i, image, null));
        }
      } catch (DeviceException e) {
        return none(e.getMessage());
      }
    }
    if (drivers.isEmpty()) {
      return none(
          "compute capability 8.0 (Ampere) or newer is needed; there is "
              + String.join(", ", tooOld));
    }
    return new Discovery(drivers, drivers.size() + " found");
  }

  static byte[] module() throws IOException {
    String file = System.getProperty("tilework.cuda.module");
    if (file != null) {
      return Files.readAllBytes(Path.of(file));
    }
    try (InputStream in = CudaProvider.class.getResourceAsStream(MODULE)) {
      return in == null ? null : in.readAllBytes();
    }
  }

  private static Discovery none(String why) {
    return new Discovery(List.of(), why);
  }
}
