package dev.tilework.opencl;

import com.aparapi.device.OpenCLDevice;
import com.aparapi.internal.opencl.OpenCLPlatform;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Finds the OpenCL devices, through Aparapi. */
public final class OpenClProvider implements DeviceProvider {
  private static final int BEFORE_THE_CPU = 80;
  private static final int AFTER_THE_CPU = 40;

  // Held, since the logging framework forgets the level of a logger that nobody refers to.
  private static final Logger APARAPI = Logger.getLogger("com.aparapi.Config");

  private Discovery found;
  private boolean gpu;

  @Override
  public String kind() {
    return "opencl";
  }

  /** Before the CPU device where there is a GPU, after it where OpenCL only runs on the CPU. */
  @Override
  public int priority() {
    discover();
    return gpu ? BEFORE_THE_CPU : AFTER_THE_CPU;
  }

  @Override
  public synchronized Discovery discover() {
    if (found == null) {
      found = search();
    }
    return found;
  }

  private Discovery search() {
    if (!Cl.isPresent()) {
      return none(
          "there is no OpenCL library (libOpenCL.so.1); install ocl-icd-libopencl1 and your card's"
              + " OpenCL driver, or pocl-opencl-icd to run on the processor");
    }
    List<OpenCLPlatform> platforms;
    try {
      APARAPI.setLevel(Level.OFF);
      platforms = new OpenCLPlatform().getOpenCLPlatforms();
    } catch (LinkageError | RuntimeException e) {
      return none("Aparapi does not load here: " + e);
    }
    if (platforms == null || platforms.isEmpty()) {
      return none(
          "the OpenCL library finds no driver (none is listed in /etc/OpenCL/vendors); install your"
              + " card's (nvidia-opencl-icd, mesa-opencl-icd, intel-opencl-icd), or pocl-opencl-icd"
              + " to run on the processor");
    }
    List<OpenCLDevice> devices =
        platforms.stream().flatMap(p -> p.getOpenCLDevices().stream()).toList();
    if (devices.isEmpty()) {
      return none(
          "OpenCL's drivers ("
              + String.join(", ", platforms.stream().map(p -> p.getName().strip()).toList())
              + ") find no device");
    }
    return open(devices);
  }

  private Discovery open(List<OpenCLDevice> devices) {
    Cl cl = new Cl();
    List<ClDevice> sorted =
        devices.stream()
            .map(d -> ClDevice.of(cl, d))
            .sorted(
                Comparator.comparing((ClDevice d) -> !d.gpu())
                    .thenComparing(d -> -d.computeUnits()))
            .toList();
    gpu = sorted.getFirst().gpu();
    List<DeviceDriver> drivers = new ArrayList<>();
    for (ClDevice d : sorted) {
      Profile profile = d.profile();
      String name = "opencl:" + drivers.size();
      drivers.add(new OpenClDriver(cl, d, name, profile, Tuning.standard(profile)));
    }
    return new Discovery(drivers, drivers.size() + " found");
  }

  private static Discovery none(String why) {
    return new Discovery(List.of(), why);
  }
}
