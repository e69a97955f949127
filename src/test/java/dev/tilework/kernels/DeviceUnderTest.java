package dev.tilework.kernels;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicNode;

/**
 * The devices that tests run on; a kind that is missing is a skipped test that says why. {@code
 * -Dtilework.test.kinds=cpu,cuda} names the kinds.
 */
public final class DeviceUnderTest {
  private static final List<String> KINDS =
      List.of(System.getProperty("tilework.test.kinds", "cpu,opencl,cuda").split(","));

  private DeviceUnderTest() {}

  /** Tests of every device found, and a skipped test for every kind of which there is none. */
  public static Stream<DynamicNode> each(Function<Device, Stream<DynamicNode>> tests) {
    return KINDS.stream()
        .flatMap(
            kind -> {
              List<Devices.Report> reports =
                  Devices.reports().stream().filter(r -> r.kind().equals(kind)).toList();
              List<Device> devices = reports.stream().flatMap(r -> r.devices().stream()).toList();
              if (devices.isEmpty()) {
                String why =
                    reports.isEmpty()
                        ? "this build has no provider of it"
                        : reports.getFirst().explanation();
                return Stream.of(skipped(kind, why));
              }
              // What a test does not say of the arithmetic is meant for full single precision.
              devices.forEach(d -> d.precision(Precision.FP32));
              return devices.stream().map(d -> dynamicContainer(d.name(), tests.apply(d)));
            });
  }

  /**
   * A device of each kind that is there, with memory that nobody else uses: the arguments of test
   * classes that run once on each.
   */
  public static Stream<Device> fresh() {
    return ServiceLoader.load(DeviceProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .filter(p -> KINDS.contains(p.kind()))
        .flatMap(p -> p.discover().drivers().stream().limit(1).map(d -> new Device(p.kind(), d)));
  }

  /** The same without the CPU, for what is compared with it. */
  public static Stream<Device> others() {
    return fresh().filter(d -> !d.kind().equals("cpu"));
  }

  private static DynamicNode skipped(String kind, String why) {
    return dynamicTest(
        kind + " is not tested: " + why, () -> Assumptions.abort(kind + " is not here: " + why));
  }
}
