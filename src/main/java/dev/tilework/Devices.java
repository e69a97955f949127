package dev.tilework;

import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

  /** A kind of device, which is looked for when it is first asked for: a driver takes its time. */
  private static final class Kind {
    final DeviceProvider provider;
    private Report report;

    Kind(DeviceProvider provider) {
      this.provider = provider;
    }

    synchronized Report report() {
      if (report == null) {
        DeviceProvider.Discovery d = provider.discover();
        List<Device> devices = new ArrayList<>();
        for (DeviceDriver driver : d.drivers()) {
          devices.add(new Device(provider.kind(), driver));
        }
        report = new Report(provider.kind(), List.copyOf(devices), d.explanation());
      }
      return report;
    }
  }

  /** The kinds that load, in no order, and what became of those that do not. */
  private static final class Loaded {
    static final List<Kind> KINDS = new ArrayList<>();
    static final List<Report> BROKEN = new ArrayList<>();

    static {
      load(KINDS, BROKEN);
    }
  }

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
    String name = System.getProperty("tilework.device");
    return name == null ? choose(Found.REPORTS, null) : named(name);
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
    for (Kind k : Loaded.KINDS) {
      String kind = k.provider.kind();
      if (name.equals(kind) || name.startsWith(kind + ":")) {
        Device d = find(k.report().devices(), name);
        if (d != null) {
          return d;
        }
      }
    }
    return choose(Found.REPORTS, name);
  }

  private static Device choose(List<Report> reports, String name) {
    List<Device> devices = reports.stream().flatMap(r -> r.devices().stream()).toList();
    Device found = name == null && !devices.isEmpty() ? devices.getFirst() : find(devices, name);
    if (found != null) {
      return found;
    }
    StringBuilder why = new StringBuilder();
    for (Report r : reports) {
      why.append("\n  ").append(r.kind()).append(": ").append(r.explanation());
    }
    throw new IllegalArgumentException(
        (name == null ? "there is no device" : "there is no device '" + name + "'") + why);
  }

  /** The device that a name means, or null. */
  private static Device find(List<Device> devices, String name) {
    for (Device d : devices) {
      if (d.name().equals(name) || d.kind().equals(name)) {
        return d;
      }
    }
    for (Device d : devices) {
      if (describes(name, d)) {
        return d;
      }
    }
    return null;
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

  private static void load(List<Kind> kinds, List<Report> broken) {
    var it = ServiceLoader.load(DeviceProvider.class, Devices.class.getClassLoader()).iterator();
    while (true) {
      try {
        if (!it.hasNext()) {
          return;
        }
        kinds.add(new Kind(it.next()));
      } catch (ServiceConfigurationError e) {
        broken.add(
            new Report("?", List.of(), "a device provider does not load: " + e.getMessage()));
      }
    }
  }

  private static List<Report> discover() {
    List<Kind> kinds = new ArrayList<>(Loaded.KINDS);
    // Asked once: to tell, a kind may look for its devices.
    Map<Kind, Integer> priorities = new HashMap<>();
    kinds.forEach(k -> priorities.put(k, k.provider.priority()));
    kinds.sort(Comparator.comparing(priorities::get, Comparator.reverseOrder()));
    List<Report> reports = new ArrayList<>(Loaded.BROKEN);
    kinds.forEach(k -> reports.add(k.report()));
    return List.copyOf(reports);
  }
}
