package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.opencl.FaultyDevice;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each operation on OpenCL with each call that it makes failing in turn: the exception names the
 * operation, no memory is lost, and the next attempt computes what it should.
 */
class FailingCallsTest {
  private static final int INVALID_VALUE = -30;
  private static final int SAMPLES = 3;
  private static final int CALLS = 40;

  private FaultyDevice faulty;

  @BeforeEach
  void open() {
    faulty = FaultyDevice.open();
  }

  /** Whatever the operations took and gave back is released with the session. */
  @AfterEach
  void nothingIsLeft() {
    faulty.close();
    assertEquals(Set.of(), faulty.held(), "handles not released");
    assertEquals(0, faulty.device().memory().cached(), "bytes not given back");
  }

  @TestFactory
  Stream<DynamicTest> everyCallOfEveryOperation() {
    return Samples.all().entrySet().stream()
        .map(
            (Map.Entry<Class<? extends Op>, List<Sample>> e) ->
                dynamicTest(e.getKey().getName(), () -> check(e.getValue())));
  }

  private void check(List<Sample> samples) {
    for (int i = 0; i < SAMPLES; i++) {
      // Ends with the sample before the last, spread over all of them.
      Sample s = samples.get(i * (samples.size() - 1) / SAMPLES);
      long live = faulty.device().memory().live();
      try (Scope scope = Scope.open()) {
        failEachCall(s);
      }
      assertEquals(live, faulty.device().memory().live(), s + ": bytes live");
      assertEquals(List.of(), SampleRun.problems(faulty.device(), s));
    }
  }

  private void failEachCall(Sample s) {
    Tensor[] first = operands(s);
    faulty.device().run(s.op(), first);
    boolean failed = true;
    for (int n = 0; failed && n < CALLS; n++) {
      Tensor[] operands = operands(s);
      failed = fails(s, n, operands);
      assertTrue(failed || n > 0, s + " makes no call");
    }
  }

  /** Whether the operation makes more than {@code n} calls, the last of which is then made fail. */
  private boolean fails(Sample s, int n, Tensor... operands) {
    faulty.failAfter(n, INVALID_VALUE);
    try {
      faulty.device().run(s.op(), operands);
      return false;
    } catch (DeviceException e) {
      assertTrue(e.getMessage().contains(s.op().name()), e.getMessage());
      return true;
    } finally {
      faulty.reset();
    }
  }

  private Tensor[] operands(Sample s) {
    return s.inputs().stream().map(t -> t.to(faulty.device())).toArray(Tensor[]::new);
  }
}
