package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.tilework.kernels.DeviceDriver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The search for the best parameters, on operations that take no time. */
class TunerTest {
  /** The first device, opened with kernels of the profile. */
  private static OpenClDriver driver(Profile profile, Tuning t) {
    ClDevice device = device();
    return new OpenClDriver(new Cl(), device, "opencl:tuned", profile, t);
  }

  private static ClDevice device() {
    List<DeviceDriver> found = new OpenClProvider().discover().drivers();
    assumeFalse(found.isEmpty(), "OpenCL is not here");
    return ((OpenClDriver) found.getFirst()).device();
  }

  /** Of the workloads only those whose label fits, since each candidate compiles its kernels. */
  private static Tuner.Result tune(
      Profile profile, String labels, List<String> tried, Parameter... parameters) {
    List<Workload> workloads =
        Workload.tiny().stream().filter(w -> w.label().matches(labels)).toList();
    return new Tuner(
            t -> driver(profile, t),
            device(),
            profile,
            workloads,
            List.of(parameters),
            (done, most, what) -> {
              assertEquals(tried.size(), done);
              assertTrue(done < most, done + " of " + most);
              tried.add(what);
            })
        .run();
  }

  @Test
  void kernelsForAGpu() {
    ClDevice d = device();
    assumeFalse(LocalTile.SMALLEST.unfit(d) != null, "the device is too small");
    List<String> tried = new ArrayList<>();
    Tuner.Result r = tune(Profile.GPU, "matmul.*|conv.* 1x1 .*", tried, Parameter.LOCAL_ROWS);
    assertEquals(List.of("standard values", "LOCAL_ROWS 4"), tried.subList(0, 2));
    assertEquals(2, r.rates().size());
    r.rates().forEach(rate -> assertTrue(rate.standard() > 0 && rate.tuned() > 0, rate.toString()));
    assertEquals(null, r.tuning().illegal(Profile.GPU, d), r.tuning().toString());
  }

  @Test
  void kernelsForACpu() {
    List<String> tried = new ArrayList<>();
    Tuner.Result r = tune(Profile.CPU, "add.*", tried, Parameter.TRANSPOSE_SQUARE);
    assertEquals(
        List.of("standard values", "TRANSPOSE_SQUARE 8", "TRANSPOSE_SQUARE 32"),
        tried.subList(0, 3));
    assertEquals("GB/s", r.rates().getFirst().unit());
  }

  /** All of them run, with the values that the kernels were written for. */
  @Test
  void workloadsRun() {
    ClDevice d = device();
    OpenClDriver driver = driver(d.profile(), Tuning.standard(d.profile(), d));
    try {
      for (Workload w : Workload.tiny()) {
        Trial.Outcome o = new Trial(driver).run(w);
        assertTrue(o.agrees(o.result()) && o.seconds() > 0, w.label());
      }
    } finally {
      driver.close();
    }
    assertEquals(0, driver.memory().live());
    assertEquals(0, driver.memory().cached());
  }

  @Test
  void wrongResultsAreSeen() {
    Trial.Outcome o = new Trial.Outcome(new float[] {100, 0, -3}, 1);
    assertTrue(o.agrees(new float[] {100.001f, 0.001f, -3}));
    assertFalse(o.agrees(new float[] {100, 0.1f, -3}));
    assertFalse(o.agrees(new float[] {100, Float.NaN, -3}));
    assertFalse(o.agrees(new float[] {Float.NaN, 0, -3}));
    assertFalse(o.agrees(new float[] {100, 0, Float.POSITIVE_INFINITY}));
  }
}
