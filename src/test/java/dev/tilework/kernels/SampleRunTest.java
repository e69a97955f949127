package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.TestDevices;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract test finds faults: devices with one fault each. */
class SampleRunTest {
  private static final ConvGeometry GEOMETRY = ConvSamples.geometry(1, 6, 7, 5, 9, 3, 2, 1, 1, 1);
  private static final Sample CONVOLUTION =
      Sample.of(
          new ConvOp.Forward(GEOMETRY),
          Fill.INTEGERS,
          3,
          TensorSpec.f32(GEOMETRY.inputShape()),
          TensorSpec.f32(GEOMETRY.weightShape()));
  private static final Sample STATISTICS =
      Sample.of(
          new NormOp.BatchNormTraining(1e-3f, 0.1f, false, false),
          Fill.REALS,
          5,
          TensorSpec.f32(11, 7),
          TensorSpec.f32(7),
          TensorSpec.f32(7),
          TensorSpec.f32(7),
          TensorSpec.f32(7));

  /** What goes wrong after an operation. */
  private interface Fault {
    void strike(DeviceDriver driver, List<Operand> out, List<Operand> in);
  }

  private static List<String> problems(Sample sample, Fault fault) {
    ReferenceDriver right = new ReferenceDriver("faulty");
    DeviceDriver faulty =
        new DeviceDriver() {
          @Override
          public String name() {
            return right.name();
          }

          @Override
          public String description() {
            return right.description();
          }

          @Override
          public Buffer allocate(long bytes) {
            return right.allocate(bytes);
          }

          @Override
          public void free(Buffer buffer) {
            right.free(buffer);
          }

          @Override
          public void write(Buffer destination, long offset, MemorySegment source) {
            right.write(destination, offset, source);
          }

          @Override
          public void read(MemorySegment destination, Buffer source, long offset) {
            right.read(destination, source, offset);
          }

          @Override
          public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {
            right.copy(to, toOffset, from, fromOffset, bytes);
          }

          @Override
          public void run(Op op, List<Operand> out, List<Operand> in, Precision precision) {
            right.run(op, out, in, precision);
            fault.strike(right, out, in);
          }

          @Override
          public void synchronize() {}

          @Override
          public MemoryUse memory() {
            return right.memory();
          }

          @Override
          public void resetPeak() {}
        };
    Device device = TestDevices.of(faulty);
    return SampleRun.problems(device, sample);
  }

  private static void assertFound(String words, Sample sample, Fault fault) {
    List<String> problems = problems(sample, fault);
    assertTrue(problems.stream().anyMatch(p -> p.contains(words)), words + ": " + problems);
    assertTrue(problems.getFirst().contains("seed " + sample.seed()), problems.getFirst());
    assertTrue(problems.getFirst().contains(sample.specs().toString()), problems.getFirst());
  }

  private static void put(DeviceDriver driver, Operand o, long element, float value) {
    driver.write(o.buffer(), o.offset() + 4 * element, MemorySegment.ofArray(new float[] {value}));
  }

  private static float get(DeviceDriver driver, Operand o, long element) {
    float[] a = new float[1];
    driver.read(MemorySegment.ofArray(a), o.buffer(), o.offset() + 4 * element);
    return a[0];
  }

  @Test
  void aDeviceWithoutFaultHasNoProblems() {
    assertEquals(List.of(), problems(CONVOLUTION, (driver, out, in) -> {}));
    assertEquals(List.of(), problems(STATISTICS, (driver, out, in) -> {}));
  }

  @Test
  void anElementThatIsNotWritten() {
    assertFound(
        "got NaN",
        CONVOLUTION,
        (driver, out, in) -> put(driver, out.getFirst(), out.getFirst().elements() - 1, Float.NaN));
  }

  @Test
  void oneWrongElement() {
    assertFound(
        "1 of 108 elements are off",
        CONVOLUTION,
        (driver, out, in) -> put(driver, out.getFirst(), 50, get(driver, out.getFirst(), 50) + 1));
  }

  @Test
  void aLossOfPrecision() {
    assertFound(
        "result 0",
        STATISTICS,
        (driver, out, in) ->
            put(driver, out.getFirst(), 9, get(driver, out.getFirst(), 9) * 1.001f));
  }

  @Test
  void aWriteBesideTheResult() {
    assertFound(
        "memory beside a result",
        CONVOLUTION,
        (driver, out, in) -> put(driver, out.getFirst(), out.getFirst().elements(), 0));
  }

  @Test
  void aWriteBesideAnOperand() {
    assertFound(
        "memory beside operand 1",
        CONVOLUTION,
        (driver, out, in) -> put(driver, in.get(1), in.get(1).elements(), 0));
  }

  @Test
  void aChangedOperand() {
    assertFound(
        "operand 0 was changed", CONVOLUTION, (driver, out, in) -> put(driver, in.get(0), 1, 77));
  }

  @Test
  void aWrongUpdate() {
    assertFound(
        "updated operand 3", STATISTICS, (driver, out, in) -> put(driver, in.get(3), 2, 99));
  }

  @Test
  void otherBitsEveryTime() {
    float[] noise = {1e-7f};
    assertFound(
        "differs between two runs",
        STATISTICS,
        (driver, out, in) -> {
          noise[0] += 1e-7f;
          put(driver, out.get(1), 0, get(driver, out.get(1), 0) + noise[0]);
        });
  }
}
