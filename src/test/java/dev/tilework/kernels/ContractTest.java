package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.TestDevices;
import dev.tilework.kernels.reference.HostTensor;
import dev.tilework.kernels.reference.Reference;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every operation on every device against the reference; {@link ContractCheck} names the properties
 * that choose samples and operations.
 */
class ContractTest {
  private static final int EVERY = ContractCheck.EVERY;
  private static final Map<Class<? extends Op>, List<Sample>> SAMPLES = Samples.all();

  @TestFactory
  Stream<DynamicNode> everyOperationOnEveryDevice() {
    return DeviceUnderTest.each(device -> tests(device, EVERY));
  }

  /** The reference behind the driver's interface: what the test holds against a right device. */
  @TestFactory
  Stream<DynamicNode> theReferenceAsADevice() {
    Device device = TestDevices.of(new ReferenceDriver("reference"));
    return Stream.of(dynamicContainer(device.name(), tests(device, 11 * EVERY)));
  }

  private static Stream<DynamicNode> tests(Device device, int every) {
    return SAMPLES.entrySet().stream()
        .filter(e -> ContractCheck.asked(e.getKey()))
        .flatMap(
            e -> ContractCheck.precisions(device, e.getKey()).map(p -> test(device, e, p, every)));
  }

  private static DynamicNode test(
      Device device,
      Map.Entry<Class<? extends Op>, List<Sample>> samples,
      Precision precision,
      int every) {
    return dynamicTest(
        device.name() + " " + ContractCheck.label(samples.getKey(), precision),
        () -> {
          List<String> problems =
              ContractCheck.problems(device, samples.getValue(), precision, every);
          if (!problems.isEmpty()) {
            fail(ContractCheck.shown(problems));
          }
        });
  }

  @Test
  void everyOperationHasSamples() {
    SAMPLES.forEach(
        (operation, samples) -> assertFalse(samples.isEmpty(), ContractCheck.label(operation)));
  }

  @Test
  void convolutionsAndPoolsHaveAtLeastTwoHundredShapes() {
    SAMPLES.forEach(
        (operation, samples) -> {
          if (ConvOp.class.isAssignableFrom(operation)
              || PoolOp.class.isAssignableFrom(operation)) {
            long shapes = samples.stream().map(s -> List.of(s.op(), s.specs())).distinct().count();
            assertTrue(shapes >= 200, ContractCheck.label(operation) + " has " + shapes);
          }
        });
  }

  /** A result of zeros would agree with a device that computes nothing. */
  @Test
  void resultsOfSamplesAreNotMostlyZero() {
    SAMPLES.forEach(
        (operation, samples) -> {
          long zeros = 0;
          long all = 0;
          for (int i = 0; i < samples.size(); i += 7) {
            List<HostTensor> in = samples.get(i).inputs();
            for (HostTensor t : Reference.run(samples.get(i).op(), in)) {
              zeros += Arrays.stream(t.values()).filter(v -> v == 0).count();
              all += t.size();
            }
          }
          assertTrue(
              zeros <= 0.9 * all,
              ContractCheck.label(operation) + ": " + zeros + " of " + all + " are zero");
        });
  }

  @Test
  void samplesAreTheSameEveryTime() {
    SAMPLES.forEach(
        (operation, samples) -> {
          Sample s = samples.getLast();
          for (int i = 0; i < s.specs().size(); i++) {
            assertEquals(
                Arrays.toString(s.inputs().get(i).values()),
                Arrays.toString(s.inputs().get(i).values()),
                s.toString());
          }
        });
  }
}
