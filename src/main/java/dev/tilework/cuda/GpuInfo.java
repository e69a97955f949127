package dev.tilework.cuda;

import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.JCudaDriver;

/**
 * A GPU as its driver describes it.
 *
 * @param ordinal its number
 * @param capability the compute capability times ten: 80 for 8.0
 * @param multiprocessors how many there are
 * @param sharedMemory the most shared memory of a block, in bytes
 * @param memory bytes in all
 */
record GpuInfo(
    int ordinal,
    CUdevice device,
    String name,
    int capability,
    int multiprocessors,
    int sharedMemory,
    long memory) {

  static GpuInfo of(int ordinal) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
    byte[] name = new byte[256];
    check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    int major = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    long[] bytes = new long[1];
    check("cuDeviceTotalMem", JCudaDriver.cuDeviceTotalMem(bytes, device));
    return new GpuInfo(
        ordinal,
        device,
        new String(name, java.nio.charset.StandardCharsets.UTF_8).replace("\0", "").strip(),
        10 * major + minor,
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        bytes[0]);
  }

  private static int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
    return value[0];
  }

  private static void check(String call, int result) {
    if (result != 0) {
      throw CudaStatus.exception(call, result);
    }
  }

  /** For people. */
  String description() {
    return name
        + ", compute capability "
        + capability / 10
        + "."
        + capability % 10
        + ", "
        + (memory >> 20)
        + " MiB";
  }
}
