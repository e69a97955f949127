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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every operation on every device against the reference. {@code -Dtilework.test.every=N} takes each
 * Nth sample, {@code -Dtilework.test.seed=N} draws others, {@code -Dtilework.test.operations=REGEX}
 * takes the operations whose name it finds ({@code Pool|Norm}).
 */
class ContractTest {
  private static final int EVERY = Integer.getInteger("tilework.test.every", 1);
  private static final Pattern OPERATIONS =
      Pattern.compile(System.getProperty("tilework.test.operations", ""));
  private static final int SHOWN = 5;
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
        .filter(e -> OPERATIONS.matcher(label(e.getKey())).find())
        .flatMap(e -> precisions(device, e.getKey()).map(p -> test(device, e, p, every)));
  }

  /** The arithmetic that an operation can be asked to use on a device. */
  private static Stream<Precision> precisions(Device device, Class<? extends Op> operation) {
    boolean product =
        ConvOp.class.isAssignableFrom(operation) || MatmulOp.class.isAssignableFrom(operation);
    return product ? device.precisions().stream() : Stream.of(Precision.FP32);
  }

  private static DynamicNode test(
      Device device,
      Map.Entry<Class<? extends Op>, List<Sample>> samples,
      Precision precision,
      int every) {
    String in = precision == Precision.FP32 ? "" : " in " + precision;
    return dynamicTest(
        device.name() + " " + label(samples.getKey()) + in,
        () -> check(device, samples.getValue(), precision, every));
  }

  private static String label(Class<? extends Op> operation) {
    return operation.getName().replaceAll(".*\\.", "").replace('$', '.');
  }

  private static void check(Device device, List<Sample> samples, Precision precision, int every) {
    Precision before = device.precision();
    device.precision(precision);
    List<String> problems = new ArrayList<>();
    try {
      for (int i = 0; i < samples.size(); i += every) {
        problems.addAll(SampleRun.problems(device, samples.get(i)));
      }
    } finally {
      device.precision(before);
    }
    if (!problems.isEmpty()) {
      fail(
          problems.size()
              + " problems, the first of them:\n"
              + String.join("\n", problems.subList(0, Math.min(SHOWN, problems.size()))));
    }
  }

  @Test
  void everyOperationHasSamples() {
    SAMPLES.forEach((operation, samples) -> assertFalse(samples.isEmpty(), label(operation)));
  }

  @Test
  void convolutionsAndPoolsHaveAtLeastTwoHundredShapes() {
    SAMPLES.forEach(
        (operation, samples) -> {
          if (ConvOp.class.isAssignableFrom(operation)
              || PoolOp.class.isAssignableFrom(operation)) {
            long shapes = samples.stream().map(s -> List.of(s.op(), s.specs())).distinct().count();
            assertTrue(shapes >= 200, label(operation) + " has " + shapes);
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
              zeros <= 0.9 * all, label(operation) + ": " + zeros + " of " + all + " are zero");
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
