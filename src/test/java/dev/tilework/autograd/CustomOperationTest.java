package dev.tilework.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.kernels.DeviceUnderTest;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Operations of a caller's own take part like any other, and are held to what they promise. */
class CustomOperationTest {
  private final Device device = TestDevices.of(new ReferenceDriver("custom"));
  private final Scope scope = Scope.open();

  @AfterEach
  void everythingIsFreed() {
    scope.close();
    assertEquals(0, device.memory().live());
  }

  /** x^2 y for two operands of one shape. */
  private static final class SquareTimes implements CustomOperation {
    @Override
    public String name() {
      return "square_times";
    }

    @Override
    public Tensor forward(Tensor... in) {
      return in[0].multiply(in[0]).multiply(in[1]);
    }

    @Override
    public Tensor[] backward(Tensor dy, Tensor y, Tensor... in) {
      Tensor dx = dy.multiply(in[0]).multiply(in[1]).multiply(2);
      return new Tensor[] {dx, dy.multiply(in[0]).multiply(in[0])};
    }
  }

  /** An operation of one or more operands, made of two functions. */
  private record Of(Function<Tensor[], Tensor> result, Function<Tensor, Tensor[]> gradients)
      implements CustomOperation {
    @Override
    public String name() {
      return "own";
    }

    @Override
    public Tensor forward(Tensor... in) {
      return result.apply(in);
    }

    @Override
    public Tensor[] backward(Tensor dy, Tensor y, Tensor... in) {
      return gradients.apply(dy);
    }
  }

  @TestFactory
  Stream<DynamicNode> gradients() {
    int[] dims = {3, 4};
    return DeviceUnderTest.each(
        d ->
            Stream.of(
                    GradientCase.of(
                        "square_times",
                        v -> Variable.apply(new SquareTimes(), v[0], v[1]),
                        dims,
                        dims),
                    GradientCase.of(
                        "square_times between others",
                        v ->
                            Variable.apply(
                                    new SquareTimes(), v[0].affine(2, 1), v[1].multiply(v[0]))
                                .mean(1),
                        dims,
                        dims))
                .map(c -> dynamicTest(d.name() + " " + c.name(), () -> c.check(d))));
  }

  private Tensor tensor(float... values) {
    return Tensor.of(device, values, values.length);
  }

  @Test
  void whatItIsGivenMayBeWhatItReturns() {
    Variable x = Variable.parameter(tensor(1, 2));
    Variable z = Variable.parameter(tensor(3, 4));
    Of same = new Of(in -> in[0], dy -> new Tensor[] {dy, dy});
    Variable.apply(same, x, z).affine(5, 0).sum().backward();
    assertArrayEquals(new float[] {1, 2}, x.value().toArray());
    assertArrayEquals(new float[] {5, 5}, x.grad().toArray());
    x.zeroGrad();
    assertArrayEquals(new float[] {5, 5}, z.grad().toArray());
    z.zeroGrad();
  }

  @Test
  void anOperandMayHaveNoGradient() {
    Variable x = Variable.parameter(tensor(1, 2));
    Variable z = Variable.parameter(tensor(3, 4));
    Of first = new Of(in -> in[0].add(in[1]), dy -> new Tensor[] {dy.multiply(2), null});
    Variable.apply(first, x, z).sum().backward();
    assertArrayEquals(new float[] {2, 2}, x.grad().toArray());
    assertTrue(z.grad() == null);
    x.zeroGrad();
  }

  @Test
  void nothingIsRecordedWithoutNeed() {
    Of fails = new Of(in -> in[0].multiply(2), dy -> new Tensor[0]);
    assertFalse(Variable.apply(fails, Variable.of(tensor(1))).requiresGrad());
    try (NoGrad off = NoGrad.open()) {
      assertFalse(Variable.apply(fails, Variable.parameter(tensor(1))).requiresGrad());
    }
  }

  private void refused(Function<Tensor, Tensor[]> gradients, String... expected) {
    Variable x = Variable.parameter(tensor(1, 2));
    Variable y = Variable.apply(new Of(in -> in[0].multiply(2), gradients), x).sum();
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    for (String part : expected) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void gradientsThatDoNotFitAreRefused() {
    refused(dy -> new Tensor[2], "backward of own", "2 gradients", "1 operand");
    refused(dy -> new Tensor[] {dy.sum()}, "backward of own", "operand 0", "float32[2]");
    refused(dy -> new Tensor[] {dy.cast(DType.FLOAT16)}, "backward of own", "float16");
  }

  @Test
  void resultsThatDoNotFitAreRefused() {
    Variable x = Variable.parameter(tensor(1, 2));
    for (Of bad :
        new Of[] {
          new Of(in -> null, dy -> null), new Of(in -> in[0].cast(DType.INT32), dy -> null)
        }) {
      String message =
          assertThrows(IllegalStateException.class, () -> Variable.apply(bad, x)).getMessage();
      assertTrue(message.contains("own") && message.contains("expected float32"), message);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> Variable.apply(new Of(in -> null, dy -> null), new Variable[0]));
  }

  @Test
  void anOperandThatWasChangedSinceIsAnError() {
    Variable x = Variable.parameter(tensor(1, 2));
    Variable y = Variable.apply(new SquareTimes(), x, x).sum();
    x.value().set(tensor(3, 4));
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    assertTrue(message.contains("square_times") && message.contains("changed"), message);
  }
}
