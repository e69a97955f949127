package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** What does not fit an operation is refused by name, and costs nothing. */
class BadInputTest {
  private static final Device OTHER = TestDevices.of(new ReferenceDriver("other"));

  @TestFactory
  Stream<DynamicNode> badOperandsAreRefused() {
    return DeviceUnderTest.each(
        device ->
            Samples.all().entrySet().stream()
                .map(
                    e ->
                        dynamicTest(
                            device.name() + " " + e.getKey().getSimpleName(),
                            () -> refuses(device, plain(e.getValue())))));
  }

  /** A sample of several elements an operand, so that one more or less shows. */
  private static Sample plain(List<Sample> samples) {
    return samples.stream()
        .filter(s -> s.specs().stream().allMatch(t -> t.shape().elements() > 4))
        .findFirst()
        .orElse(samples.getFirst());
  }

  private static void refuses(Device device, Sample good) {
    long live = device.memory().live();
    try (Scope scope = Scope.open()) {
      wrongCount(device, good);
      for (int i = 0; i < good.specs().size(); i++) {
        TensorSpec s = good.specs().get(i);
        if (i > 0 || !anyShape(good.op())) {
          int[] deeper = Arrays.copyOf(s.shape().dims(), s.shape().rank() + 1);
          deeper[deeper.length - 1] = 6;
          refuse(device, good, i, new TensorSpec(Shape.of(deeper), s.dtype()));
        }
        if (!anyType(good)) {
          refuse(device, good, i, new TensorSpec(s.shape(), otherType(good.op(), s)));
        }
        if (!mayBeEmpty(good.op())) {
          refuse(device, good, i, new TensorSpec(Shape.of(0, 3), s.dtype()));
          if (s.shape().rank() > 0) {
            refuse(device, good, i, new TensorSpec(s.shape().with(0, 0), s.dtype()));
          }
        }
        closed(device, good, i);
        elsewhere(device, good, i);
      }
    }
    assertNoMore(live, device.memory().live(), "after refusals");
    List<String> problems = SampleRun.problems(device, good);
    assertEquals(List.of(), problems, "the device after refusals");
    assertNoMore(live, device.memory().live(), "after a run");
  }

  /** Not equal: what other tests lost may be collected meanwhile. */
  private static void assertNoMore(long before, long live, String when) {
    assertTrue(live <= before, live + " bytes are live " + when + ", before it were " + before);
  }

  private static boolean anyShape(Op op) {
    return switch (op) {
      case ActivationOp o -> true;
      case SoftmaxOp.Softmax o -> true;
      case ElementwiseOp o -> true;
      case ReduceOp o -> true;
      case LayoutOp.Slice o -> true;
      case LayoutOp.SliceGrad o -> true;
      case RandomOp o -> true;
      case LayoutOp.Concat o -> true;
      default -> false;
    };
  }

  private static boolean anyType(Sample s) {
    return switch (s.op()) {
      case LayoutOp.Slice o -> true;
      case LayoutOp.Transpose o -> true;
      case ElementwiseOp.Cast o -> true;
      case LayoutOp.Concat o -> s.specs().size() == 1;
      default -> false;
    };
  }

  private static DType otherType(Op op, TensorSpec s) {
    if (s.dtype() == DType.INT32) {
      return DType.FLOAT32;
    }
    // Its images may be bytes.
    return op instanceof ImageOp.Warp ? DType.INT32 : DType.UINT8;
  }

  private static boolean mayBeEmpty(Op op) {
    return op instanceof ElementwiseOp.Cast
        || op instanceof LayoutOp.Slice
        || op instanceof LayoutOp.Transpose
        || op instanceof LayoutOp.Concat;
  }

  private static void wrongCount(Device device, Sample good) {
    List<TensorSpec> more = new ArrayList<>(good.specs());
    more.add(TensorSpec.f32(2));
    if (!(good.op() instanceof LayoutOp.Concat)) {
      refuse(device, good.op(), more);
    }
    if (!good.specs().isEmpty()) {
      refuse(device, good.op(), List.of());
      if (!(good.op() instanceof LayoutOp.Concat)) {
        refuse(device, good.op(), good.specs().subList(1, good.specs().size()));
      }
    }
  }

  private static void refuse(Device device, Sample good, int i, TensorSpec bad) {
    List<TensorSpec> specs = new ArrayList<>(good.specs());
    specs.set(i, bad);
    refuse(device, good.op(), specs);
  }

  private static void refuse(Device device, Op op, List<TensorSpec> specs) {
    Tensor[] operands = tensors(device, specs);
    String what = op + " of " + specs;
    String message =
        assertThrows(IllegalArgumentException.class, () -> device.run(op, operands), what)
            .getMessage();
    assertTrue(message.contains(op.name()), what + " does not name the operation: " + message);
    assertTrue(message.contains("expected"), what + " does not say what it wants: " + message);
    for (TensorSpec s : specs) {
      assertTrue(message.contains(s.toString()), what + " does not name " + s + ": " + message);
    }
  }

  private static void closed(Device device, Sample good, int i) {
    Tensor[] operands = tensors(device, good.specs());
    operands[i].close();
    String message =
        assertThrows(IllegalStateException.class, () -> device.run(good.op(), operands))
            .getMessage();
    assertTrue(
        message.contains(good.op().name())
            && message.contains("operand " + i)
            && message.contains("closed"),
        message);
  }

  private static void elsewhere(Device device, Sample good, int i) {
    Tensor[] operands = tensors(device, good.specs());
    operands[i] = tensors(OTHER, List.of(good.specs().get(i)))[0];
    String message =
        assertThrows(IllegalStateException.class, () -> device.run(good.op(), operands))
            .getMessage();
    assertTrue(
        message.contains(good.op().name())
            && message.contains(device.name())
            && message.contains(OTHER.name()),
        message);
  }

  private static Tensor[] tensors(Device device, List<TensorSpec> specs) {
    return specs.stream()
        .map(
            s ->
                Tensor.from(
                    device,
                    MemorySegment.ofArray(new byte[Math.toIntExact(s.bytes())]),
                    s.dtype(),
                    s.shape().dims()))
        .toArray(Tensor[]::new);
  }
}
