package dev.tilework.opencl;

import com.aparapi.device.Device.TYPE;
import com.aparapi.device.OpenCLDevice;
import java.util.Arrays;
import java.util.Locale;

/**
 * An OpenCL device and its limits. {@code -Dtilework.opencl.workGroup=N} and {@code
 * -Dtilework.opencl.localMemory=BYTES} lower the limits, to see how a lesser device would fare.
 *
 * @param aparapi the device as Aparapi knows it
 * @param id OpenCL's handle
 * @param driver the version of its driver
 * @param workGroup the most work-items in a work group
 * @param itemSizes the most work-items along each axis of a work group
 * @param localMemory bytes of local memory, 0 where the device has none of its own
 * @param largestBuffer bytes that one buffer may have
 * @param memory bytes of the device in all
 */
record ClDevice(
    OpenCLDevice aparapi,
    long id,
    String name,
    String driver,
    String platform,
    boolean gpu,
    int computeUnits,
    int workGroup,
    int[] itemSizes,
    long localMemory,
    long largestBuffer,
    long memory) {
  private static final System.Logger LOG = System.getLogger("dev.tilework.opencl");

  static ClDevice of(Cl cl, OpenCLDevice d) {
    long id = d.getDeviceId();
    long group = Math.max(1, cl.deviceNumber(id, Cl.DEVICE_MAX_WORK_GROUP_SIZE));
    int[] items = Arrays.stream(d.getMaxWorkItemSize()).map(n -> Math.max(1, n)).toArray();
    long local = cl.deviceNumber(id, Cl.DEVICE_LOCAL_MEM_SIZE);
    return new ClDevice(
        d,
        id,
        cl.deviceText(id, Cl.DEVICE_NAME),
        cl.deviceText(id, Cl.DRIVER_VERSION),
        d.getOpenCLPlatform().getName().strip(),
        d.getType() == TYPE.GPU || d.getType() == TYPE.ACC,
        d.getMaxComputeUnits(),
        (int) Math.min(group, Integer.getInteger("tilework.opencl.workGroup", Integer.MAX_VALUE)),
        items,
        Math.min(local, Long.getLong("tilework.opencl.localMemory", Long.MAX_VALUE)),
        d.getMaxMemAllocSize(),
        d.getGlobalMemSize());
  }

  /** The family of kernels for its kind of hardware. */
  Profile usual() {
    return gpu ? Profile.GPU : Profile.CPU;
  }

  /** The family of kernels that fits the device. */
  Profile profile() {
    String forced = System.getProperty("tilework.opencl.profile");
    Profile profile = forced != null ? Profile.named(forced) : usual();
    String unfit = LocalTile.SMALLEST.unfit(this);
    if (profile == Profile.CPU || unfit == null) {
      return profile;
    }
    LOG.log(
        System.Logger.Level.INFO,
        "{0} runs kernels of the profile cpu, since those of the profile gpu need {1}",
        name,
        unfit);
    return Profile.CPU;
  }

  /** For people. */
  String description() {
    return String.format(
        Locale.ROOT,
        "%s (%s), %d compute units, %.1f GiB, kernels for a %s",
        name,
        platform,
        computeUnits,
        memory / (double) (1 << 30),
        profile());
  }
}
