package dev.tilework;

import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * The devices of this machine. {@link #best} is CUDA where there is one, else OpenCL on a GPU, else
 * the CPU; {@code -Dtilework.device=NAME} names one as {@link #named} takes it, and then its
 * absence is an error.
 */
public final class Devices {
  private static volatile Device current;

  private Devices() {}

  /**
   * What became of one kind of device.
   *
   * @param kind {@code cpu}, {@code opencl} or {@code cuda}
   * @param devices those found; may be empty
   * @param explanation what was found, or what is missing and what to install
   */
  public record Report(String kind, List<Device> devices, String explanation) {}

  private static final class Found {
    static final List<Report> REPORTS = discover();
  }

  /** Every kind of device the library knows here, in the order of preference. */
  public static List<Report> reports() {
    return Found.REPORTS;
  }

  /** All devices, in the order of preference. */
  public static List<Device> all() {
    return Found.REPORTS.stream().flatMap(r -> r.devices().stream()).toList();
  }

  /** The device preferred on this machine, or the one that {@code -Dtilework.device} names. */
  public static Device best() {
    return choose(Found.REPORTS, System.getProperty("tilework.device"));
  }

  /** The device on which tensors are made when none is named; at first {@link #best}. */
  public static Device current() {
    Device d = current;
    if (d == null) {
      // Not in a static initialiser: there, a wrong name would be reported as a broken class.
      d = best();
      current = d;
    }
    return d;
  }

  /** Sets the device on which tensors are made when none is named. */
  public static void use(Device device) {
    current = device;
  }

  /** The CPU. */
  public static Device cpu() {
    return named("cpu");
  }

  /**
   * The device of a name ({@code cpu}, {@code opencl:1}); where the name is a kind ({@code
   * opencl}), the first of that kind; after a kind and a colon also any part of the device's
   * description, whatever its case ({@code opencl:radeon}).
   *
   * @throws IllegalArgumentException when there is none, with the reason
   */
  public static Device named(String name) {
    return choose(Found.REPORTS, name);
  }

  private static Device choose(List<Report> reports, String name) {
    List<Device> devices = reports.stream().flatMap(r -> r.devices().stream()).toList();
    for (Device d : devices) {
      if (name == null || name.equals(d.name()) || name.equals(d.kind())) {
        return d;
      }
    }
    for (Device d : devices) {
      if (describes(name, d)) {
        return d;
      }
    }
    StringBuilder why = new StringBuilder();
    for (Report r : reports) {
      why.append("\n  ").append(r.kind()).append(": ").append(r.explanation());
    }
    throw new IllegalArgumentException(
        (name == null ? "there is no device" : "there is no device '" + name + "'") + why);
  }

  /** Whether the name is a kind with a part of the description; a number is an index instead. */
  private static boolean describes(String name, Device d) {
    String kind = d.kind() + ":";
    if (name == null || !name.startsWith(kind)) {
      return false;
    }
    String part = name.substring(kind.length()).toLowerCase(Locale.ROOT);
    return !part.matches("\\d*") && d.description().toLowerCase(Locale.ROOT).contains(part);
  }

  private static List<Report> discover() {
    List<DeviceProvider> providers = new ArrayList<>();
    List<Report> reports = new ArrayList<>();
    var it = ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader()).iterator();
    while (true) {
      try {
        if (!it.hasNext()) {
          break;
        }
        providers.add(it.next());
      } catch (ServiceConfigurationError e) {
        reports.add(
            new Report("?", List.of(), "a device provider does not load: " + e.getMessage()));
      }
    }
    providers.sort(Comparator.comparingInt(DeviceProvider::priority).reversed());
    for (DeviceProvider p : providers) {
      DeviceProvider.Discovery d = p.discover();
      List<Device> devices = new ArrayList<>();
      for (DeviceDriver driver : d.drivers()) {
        devices.add(new Device(p.kind(), driver));
      }
      reports.add(new Report(p.kind(), List.copyOf(devices), d.explanation()));
    }
    return List.copyOf(reports);
  }
}
