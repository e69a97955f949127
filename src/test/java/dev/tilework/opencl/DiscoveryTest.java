package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aparapi.device.Device.TYPE;
import com.aparapi.device.OpenCLDevice;
import com.aparapi.internal.opencl.OpenCLPlatform;
import dev.tilework.cpu.CpuProvider;
import dev.tilework.kernels.DeviceDriver;
import dev.tilework.kernels.DeviceProvider.Discovery;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What is told of machines with other OpenCL devices than this one's, or with none. */
class DiscoveryTest {
  private static final Map<Long, String> NAMES =
      Map.of(1L, "Processor", 2L, "Small Card", 3L, "Large Card", 4L, "Card in Use Elsewhere");

  /** Answers for devices that are not there. */
  private static final class Pretended extends Cl {
    @Override
    long deviceNumber(long device, int what) {
      return switch (what) {
        case DEVICE_AVAILABLE -> device == 4 ? 0 : 1;
        case DEVICE_MAX_WORK_GROUP_SIZE -> 256;
        case DEVICE_LOCAL_MEM_SIZE -> 48 << 10;
        default -> 0;
      };
    }

    @Override
    String deviceText(long device, int what) {
      return NAMES.get(device);
    }
  }

  private static OpenCLPlatform platform(Specified... devices) {
    OpenCLPlatform p = new OpenCLPlatform(9, "OpenCL 3.0", "Nobody", "Pretended Platform");
    for (Specified s : devices) {
      OpenCLDevice d = new OpenCLDevice(p, s.id, s.type);
      d.setMaxComputeUnits(s.units);
      d.setGlobalMemSize(6L << 30);
      d.setMaxMemAllocSize(2L << 30);
      for (int axis = 0; axis < 3; axis++) {
        d.setMaxWorkItemSize(axis, 256);
      }
      p.addOpenCLDevice(d);
    }
    return p;
  }

  private record Specified(long id, TYPE type, int units) {}

  private static OpenClProvider provider(Supplier<List<OpenCLPlatform>> platforms) {
    return new OpenClProvider(Pretended::new, () -> true, platforms);
  }

  private static void assertNone(OpenClProvider provider, String... words) {
    Discovery d = provider.discover();
    assertEquals(List.of(), d.drivers());
    for (String w : words) {
      assertTrue(d.explanation().contains(w), "'" + w + "' is not in: " + d.explanation());
    }
    assertTrue(provider.priority() < new CpuProvider().priority());
  }

  @Test
  void withoutALibrary() {
    assertNone(
        new OpenClProvider(
            Pretended::new,
            () -> false,
            () -> {
              throw new AssertionError("nobody can be asked");
            }),
        "libOpenCL.so.1",
        "ocl-icd-libopencl1",
        "pocl-opencl-icd");
  }

  @Test
  void withAPropertyThatHasNoSuchValue() {
    String property = "tilework.opencl.profile";
    String before = System.setProperty(property, "fpga");
    try {
      OpenCLPlatform cards = platform(new Specified(3, TYPE.GPU, 40));
      assertNone(provider(() -> List.of(cards)), property, "fpga", "cpu or gpu");
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  @Test
  void withoutADriver() {
    assertNone(provider(List::of), "/etc/OpenCL/vendors", "mesa-opencl-icd", "pocl-opencl-icd");
  }

  @Test
  void withoutADevice() {
    assertNone(provider(() -> List.of(platform())), "Pretended Platform", "pocl-opencl-icd");
    assertNone(
        provider(() -> List.of(platform(new Specified(4, TYPE.GPU, 80)))), "Pretended Platform");
  }

  @Test
  void whereAparapiDoesNotLoad() {
    assertNone(provider(() -> null), "Aparapi", System.getProperty("os.arch"));
    assertNone(
        provider(
            () -> {
              throw new UnsatisfiedLinkError("no function getPlatforms");
            }),
        "Aparapi",
        "getPlatforms");
  }

  @Test
  void aGpuComesBeforeTheCpu() {
    OpenClProvider p =
        provider(
            () ->
                List.of(
                    platform(new Specified(1, TYPE.CPU, 128)),
                    platform(
                        new Specified(4, TYPE.GPU, 80),
                        new Specified(2, TYPE.GPU, 10),
                        new Specified(3, TYPE.GPU, 40))));
    Discovery d = p.discover();
    assertEquals(
        List.of("opencl:0", "opencl:1", "opencl:2"),
        d.drivers().stream().map(DeviceDriver::name).toList());
    assertEquals(
        List.of(
            "Large Card (Pretended Platform), 40 compute units, 6.0 GiB, kernels for a GPU",
            "Small Card (Pretended Platform), 10 compute units, 6.0 GiB, kernels for a GPU",
            "Processor (Pretended Platform), 128 compute units, 6.0 GiB, kernels for a CPU"),
        d.drivers().stream().map(DeviceDriver::description).toList());
    assertTrue(d.explanation().contains("opencl:1 Small Card"), d.explanation());
    assertTrue(p.priority() > new CpuProvider().priority());
  }

  @Test
  void theProcessorThroughOpenClComesAfterTheCpu() {
    OpenClProvider p = provider(() -> List.of(platform(new Specified(1, TYPE.CPU, 128))));
    assertEquals(1, p.discover().drivers().size());
    assertTrue(p.priority() < new CpuProvider().priority());
  }

  @Test
  void aProgramThatNamesTheCpuLoadsNoOpenCl() {
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/maps")), "not on Linux");
    Fork cpu = Fork.of(Map.of(), CpuAloneProgram.class);
    assertTrue(cpu.output().contains("OpenCL not loaded"), cpu.output());
    Assumptions.assumeFalse(new OpenClProvider().discover().drivers().isEmpty(), "no OpenCL");
    Fork other = Fork.of(Map.of(), CpuAloneProgram.class, "opencl");
    assertTrue(other.output().contains("OpenCL loaded"), other.output());
  }
}
