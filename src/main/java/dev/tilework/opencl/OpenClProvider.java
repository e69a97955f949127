package dev.tilework.opencl;

import com.aparapi.device.OpenCLDevice;
import com.aparapi.internal.opencl.OpenCLLoader;
import com.aparapi.internal.opencl.OpenCLPlatform;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceProvider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Finds the OpenCL devices, through Aparapi. */
public final class OpenClProvider implements DeviceProvider {
  private static final int BEFORE_THE_CPU = 80;
  private static final int AFTER_THE_CPU = 40;

  // Made when devices are looked for: the class loads the OpenCL library.
  private final Supplier<Cl> bindings;
  private final BooleanSupplier library;
  private final Supplier<List<OpenCLPlatform>> platforms;
  private Discovery found;
  private Cl cl;
  private boolean gpu;

  /** Looks on this machine. */
  public OpenClProvider() {
    this(Cl::new, Cl::isPresent, OpenClProvider::aparapi);
  }

  /**
   * Looks where a test says.
   *
   * @param library whether there is an OpenCL library
   * @param platforms its drivers; null where Aparapi cannot ask for them
   */
  OpenClProvider(
      Supplier<Cl> bindings, BooleanSupplier library, Supplier<List<OpenCLPlatform>> platforms) {
    this.bindings = bindings;
    this.library = library;
    this.platforms = platforms;
  }

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
      found = SignalHandlers.keep(this::search);
    }
    return found;
  }

  private static List<OpenCLPlatform> aparapi() {
    // When Aparapi's Config is first touched, it lets the handlers of all loggers pass nothing
    // below
    // a warning; what a program logs is not its business.
    Handler[] handlers = Logger.getLogger("").getHandlers();
    Level[] levels = Arrays.stream(handlers).map(Handler::getLevel).toArray(Level[]::new);
    try {
      return OpenCLLoader.isOpenCLAvailable() ? new OpenCLPlatform().getOpenCLPlatforms() : null;
    } finally {
      for (int i = 0; i < handlers.length; i++) {
        handlers[i].setLevel(levels[i]);
      }
    }
  }

  private Discovery search() {
    if (!library.getAsBoolean()) {
      return none(
          "there is no OpenCL library (libOpenCL.so.1); install the package ocl-icd-libopencl1 and"
              + " your card's driver, or pocl-opencl-icd to run on the processor");
    }
    cl = bindings.get();
    List<OpenCLPlatform> found;
    try {
      found = platforms.get();
    } catch (LinkageError | RuntimeException e) {
      return none("Aparapi does not work here: " + e);
    }
    if (found == null) {
      return none(
          "Aparapi's native library does not load: there is none for "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + ", or programs cannot be run from "
              + System.getProperty("java.io.tmpdir"));
    }
    if (found.isEmpty()) {
      return none(
          "the OpenCL library finds no driver (none is listed in /etc/OpenCL/vendors, or none"
              + " loads); install your card's (the package nvidia-opencl-icd, mesa-opencl-icd or"
              + " intel-opencl-icd), or pocl-opencl-icd to run on the processor");
    }
    List<OpenCLDevice> devices =
        found.stream()
            .flatMap(p -> p.getOpenCLDevices().stream())
            .filter(d -> cl.deviceNumber(d.getDeviceId(), Cl.DEVICE_AVAILABLE) != 0)
            .toList();
    if (devices.isEmpty()) {
      return none(
          "OpenCL's drivers find no device of theirs: "
              + String.join(", ", found.stream().map(p -> p.getName().strip()).toList())
              + "; install your card's, or pocl-opencl-icd to run on the processor");
    }
    try {
      return open(devices);
    } catch (IllegalArgumentException e) {
      // A property has a value that it cannot have; to look for devices must not end a program.
      return none(e.getMessage());
    }
  }

  private Discovery open(List<OpenCLDevice> devices) {
    List<ClDevice> sorted =
        devices.stream()
            .map(d -> ClDevice.of(cl, d))
            .sorted(
                Comparator.comparing((ClDevice d) -> !d.gpu())
                    .thenComparing(d -> -d.computeUnits()))
            .toList();
    List<DeviceDriver> drivers = new ArrayList<>();
    for (ClDevice d : sorted) {
      Profile profile = d.profile();
      String name = "opencl:" + drivers.size();
      drivers.add(new OpenClDriver(cl, d, name, profile, TuningFile.find(d, profile)));
    }
    gpu = sorted.getFirst().gpu();
    return new Discovery(
        drivers,
        String.join("; ", drivers.stream().map(d -> d.name() + " " + d.description()).toList()));
  }

  private static Discovery none(String why) {
    return new Discovery(List.of(), why);
  }
}
