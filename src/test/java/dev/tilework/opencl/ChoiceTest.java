package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tilework.cli.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which devices a process finds and prefers, with PoCL as its only OpenCL driver. */
class ChoiceTest {
  private static final Path POCL = Path.of("/etc/OpenCL/vendors/pocl.icd");
  private static final String VENDORS = "OCL_ICD_VENDORS";

  @BeforeAll
  static void poclIsThere() {
    assumeTrue(Cl.isPresent() && Files.exists(POCL), "PoCL is not installed");
  }

  private static Fork devices(Map<String, String> environment, String... options) {
    String[] args = new String[options.length + 1];
    System.arraycopy(options, 0, args, 0, options.length);
    args[options.length] = "devices";
    return Fork.of(environment, Main.class, args);
  }

  private static void assertShows(Fork f, String... patterns) {
    assertEquals(0, f.exitCode(), f.output());
    for (String p : patterns) {
      assertTrue(f.output().lines().anyMatch(l -> l.matches(p)), p + " is not in\n" + f.output());
    }
  }

  @Test
  void aLibraryWithoutDriversIsExplained() {
    assertShows(
        devices(Map.of(VENDORS, "/nonexistent")),
        "opencl +- +no .*no driver.*pocl-opencl-icd.*",
        "Used when none is named: cpu");
  }

  @Test
  void aDriverWithoutDevicesIsExplained() {
    assertShows(
        devices(Map.of(VENDORS, POCL.toString(), "POCL_DEVICES", "none")),
        "opencl +- +no .*no device.*Portable Computing Language.*",
        "Used when none is named: cpu");
  }

  @Test
  void poclComesAfterTheCpuUnlessItIsNamed() {
    Map<String, String> one = Map.of(VENDORS, POCL.toString(), "POCL_DEVICES", "pthread");
    String there =
        "opencl +opencl:0 +yes .*\\(Portable Computing Language\\), \\d+ compute units?,"
            + " [\\d.]+ GiB, kernels for a CPU";
    assertShows(devices(one), there, "Used when none is named: cpu");
    assertShows(
        devices(one, "-Dtilework.device=opencl"), there, "Used when none is named: opencl:0");
  }

  @Test
  void twoDevicesAreToldApartAndDoNotMix() {
    Map<String, String> two = Map.of(VENDORS, POCL.toString(), "POCL_DEVICES", "pthread pthread");
    Fork f = Fork.of(two, TwoDevices.class);
    assertEquals(0, f.exitCode(), f.output());
    assertTrue(f.output().contains(TwoDevices.DONE), f.output());
  }
}
