package dev.tilework.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ActivationOp;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ConvOptions;
import dev.tilework.kernels.ElementwiseOp;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.kernels.OptimizerOp;
import dev.tilework.kernels.reference.ReferenceDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the record of a computation keeps, refuses and frees. */
class BackwardTest {
  private final Device device = TestDevices.of(new ReferenceDriver("tape"));
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void everythingIsFreed() {
    scope.close();
    assertEquals(0, device.memory().live());
  }

  private Tensor tensor(float... values) {
    return Tensor.of(device, values, values.length);
  }

  private Variable parameter(float... values) {
    return Variable.parameter(tensor(values));
  }

  private static void assertGrad(Variable v, float... expected) {
    assertArrayEquals(expected, v.grad().toArray());
  }

  @Test
  void twoBackwardCallsAddUp() {
    Variable x = parameter(1, 2, 3);
    x.multiply(x).sum().backward();
    assertGrad(x, 2, 4, 6);
    Tensor first = x.grad();
    x.affine(10, 0).sum().backward();
    assertGrad(x, 12, 14, 16);
    assertSame(first, x.grad(), "a gradient lives until zeroGrad");
    x.zeroGrad();
    assertNull(x.grad());
    assertTrue(first.isClosed());
  }

  @Test
  void gradientsOutliveTheScopeOfTheStep() {
    Variable x = parameter(1, 2);
    try (Scope step = Scope.open()) {
      x.affine(3, 0).sum().backward();
    }
    assertGrad(x, 3, 3);
    x.zeroGrad();
  }

  @Test
  void gradientsOfTwoParametersDoNotShareMemory() {
    Variable a = parameter(1, 2);
    Variable b = parameter(3, 4);
    Tensor dy = tensor(1, 1);
    a.add(b).backward(dy);
    device.runInto(a.grad(), new ElementwiseOp.Affine(5, 0), a.grad());
    assertGrad(a, 5, 5);
    assertGrad(b, 1, 1);
    assertArrayEquals(new float[] {1, 1}, dy.toArray());
    a.zeroGrad();
    b.zeroGrad();
  }

  @Test
  void nothingIsRecordedInNoGrad() {
    Variable x = parameter(1, 2);
    Variable y;
    try (NoGrad off = NoGrad.open()) {
      try (NoGrad inner = NoGrad.open()) {
        assertFalse(NoGrad.isRecording());
      }
      assertFalse(NoGrad.isRecording());
      y = x.affine(2, 0).reshape(2).sum();
    }
    assertTrue(NoGrad.isRecording());
    assertFalse(y.requiresGrad());
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    assertTrue(message.contains("NoGrad"), message);
  }

  @Test
  void noGradIsOfOneThread() throws InterruptedException {
    boolean[] recording = new boolean[1];
    try (NoGrad off = NoGrad.open()) {
      Thread t = new Thread(() -> recording[0] = NoGrad.isRecording());
      t.start();
      t.join();
    }
    assertTrue(recording[0]);
  }

  @Test
  void frozenParametersAndConstantsGetNoGradient() {
    Variable x = parameter(1, 2);
    Variable frozen = parameter(3, 4);
    frozen.requiresGrad(false);
    Variable constant = Variable.of(tensor(5, 6));
    Variable y = x.multiply(frozen).add(constant);
    y.sum().backward();
    assertGrad(x, 3, 4);
    assertNull(frozen.grad());
    assertNull(constant.grad());
    frozen.requiresGrad(true);
    x.multiply(frozen).sum().backward();
    assertGrad(frozen, 1, 2);
    assertThrows(IllegalStateException.class, () -> y.requiresGrad(false));
    x.zeroGrad();
    frozen.zeroGrad();
  }

  @Test
  void detachedValuesPassNoGradient() {
    Variable x = parameter(1, 2);
    x.multiply(x.detach()).sum().backward();
    assertGrad(x, 1, 2);
    x.zeroGrad();
  }

  @Test
  void aChangeInPlaceOfWhatTheGradientNeedsIsAnError() {
    Variable x = parameter(1, 2);
    Variable y = x.multiply(x);
    x.value().set(tensor(7, 7));
    assertFails(y, "multiply", "changed in place", "operand");
    // What the gradient does not read may change.
    Variable z = x.affine(2, 0);
    x.value().set(tensor(8, 8));
    z.sum().backward();
    assertGrad(x, 2, 2);
    x.zeroGrad();
  }

  @Test
  void aChangeInPlaceThroughAViewIsAnError() {
    Variable x = parameter(1, 2);
    Variable y = x.activation(Activation.TANH);
    y.value().slice(0, 0, 1).set(tensor(0));
    assertFails(y, "tanh", "changed in place", "result 0");
  }

  @Test
  void closingWhatTheGradientNeedsIsAnError() {
    Variable x = parameter(1, 2);
    Variable y;
    try (Scope inner = Scope.open()) {
      Variable h = x.affine(2, 0);
      y = h.multiply(h);
      inner.keep(y.value());
    }
    assertFails(y, "multiply", "closed", "scope");
    assertNull(x.grad());
  }

  private void assertFails(Variable y, String... words) {
    long live = device.memory().live();
    String message =
        assertThrows(IllegalStateException.class, () -> y.sum().backward()).getMessage();
    for (String w : words) {
      assertTrue(message.contains(w), "'" + w + "' is not in: " + message);
    }
    assertTrue(message.contains("float32["), message);
    assertEquals(live + 4, device.memory().live(), "only the sum is left of a failed backward");
  }

  @Test
  void aSecondBackwardIsAnError() {
    Variable x = parameter(1, 2);
    Variable y = x.multiply(x).sum();
    y.backward();
    String message = assertThrows(IllegalStateException.class, y::backward).getMessage();
    assertTrue(message.contains("sum") && message.contains("run before"), message);
    assertGrad(x, 2, 4);
    x.zeroGrad();
  }

  @Test
  void aFailedBackwardLeavesOtherRecordsUsable() {
    Variable x = parameter(1, 2);
    Variable h = x.affine(2, 0);
    Variable broken = h.multiply(h);
    Variable sound = h.affine(5, 0);
    Tensor before = broken.value();
    // Both branches wait for their turn when one of them fails.
    Variable y = broken.add(sound).sum();
    h.value().set(tensor(0, 0));
    assertThrows(IllegalStateException.class, y::backward);
    assertFalse(before.isClosed());
    x.affine(3, 0).sum().backward();
    assertGrad(x, 3, 3);
    x.zeroGrad();
  }

  @Test
  void intermediateGradientsAreFreed() {
    Variable x = Variable.parameter(Tensor.full(device, 0.5f, 1000).unscoped());
    long parameters = device.memory().live();
    for (int step = 0; step < 2; step++) {
      try (Scope s = Scope.open()) {
        Variable h = x;
        for (int i = 0; i < 10; i++) {
          h = h.activation(Activation.TANH);
        }
        Variable loss = h.sum();
        long forward = device.memory().live();
        device.resetPeak();
        loss.backward();
        long gradient = step == 0 ? x.grad().spec().bytes() : 0;
        assertEquals(forward + gradient, device.memory().live());
        // One gradient comes, one goes, whatever the depth.
        assertTrue(
            device.memory().peak() <= forward + 4 * 4000,
            "peak " + (device.memory().peak() - forward) + " above the forward pass");
      }
      assertEquals(parameters + 4000, device.memory().live());
    }
    x.zeroGrad();
    x.value().close();
  }

  @Test
  void aLongChainDoesNotOverflowTheStack() {
    Variable x = parameter(1);
    Variable h = x;
    for (int i = 0; i < 20_000; i++) {
      h = h.affine(1, 1);
    }
    h.backward();
    assertGrad(x, 1);
    x.zeroGrad();
  }

  @Test
  void onlyAScalarHasAGradientOfItsOwn() {
    Variable x = parameter(1, 2);
    Variable y = x.affine(2, 0);
    String message = assertThrows(IllegalArgumentException.class, y::backward).getMessage();
    assertTrue(message.contains("float32[2]"), message);
    message =
        assertThrows(IllegalArgumentException.class, () -> y.backward(tensor(1, 2, 3)))
            .getMessage();
    assertTrue(message.contains("float32[3]") && message.contains("float32[2]"), message);
    y.backward(tensor(1, 10));
    assertGrad(x, 2, 20);
    x.zeroGrad();
  }

  @Test
  void whatHasNoDerivativeSaysSo() {
    Variable x = Variable.parameter(Tensor.full(device, 1, 1, 2, 2, 1));
    Variable cast = Variable.apply(new ElementwiseOp.Cast(DType.FLOAT32), x);
    assertNoDerivative("cast", cast);
    Variable slope = Variable.apply(new ActivationOp.Grad(Activation.RELU), x, x);
    assertNoDerivative("relu_grad", slope);
    ConvGeometry g = ConvGeometry.of(x.shape(), Shape.of(1, 1, 1, 1), ConvOptions.DEFAULT);
    Variable w = Variable.of(Tensor.full(device, 1, 1, 1, 1, 1));
    assertNoDerivative(
        "gelu", Variable.apply(new ConvOp.Forward(g, false, false, Activation.GELU), x, w));
  }

  private static void assertNoDerivative(String operation, Variable y) {
    String message =
        assertThrows(UnsupportedOperationException.class, () -> y.sum().backward()).getMessage();
    assertTrue(message.contains(operation), message);
  }

  @Test
  void operationsWithoutOperandOrResultAreRefused() {
    Variable x = parameter(1);
    OptimizerOp sgd = new OptimizerOp.Sgd(1, 0, false, 0);
    assertThrows(IllegalArgumentException.class, () -> Variable.apply(sgd, x, x, x));
    LayoutOp fill = new LayoutOp.Fill(Shape.of(2), DType.FLOAT32, 1);
    assertThrows(IllegalArgumentException.class, () -> Variable.apply(fill));
    assertThrows(IllegalArgumentException.class, () -> Variable.concat(0));
  }

  @Test
  void parametersAreFloat32() {
    Tensor labels = Tensor.ofInts(device, new int[] {1, 2}, 2);
    String message =
        assertThrows(IllegalArgumentException.class, () -> Variable.parameter(labels)).getMessage();
    assertTrue(message.contains("int32[2]") && message.contains("float32"), message);
  }

  @Test
  void transposedConvolutionRefusesWhatDoesNotFit() {
    Variable x = Variable.of(Tensor.full(device, 1, 1, 2, 2, 3));
    Variable w = Variable.of(Tensor.full(device, 1, 4, 3, 3, 1));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> x.conv2dTranspose(w, ConvOptions.DEFAULT, 0, 0))
            .getMessage();
    assertTrue(message.contains("[1, 2, 2, 3]") && message.contains("[4, 3, 3, 1]"), message);
    Variable fits = Variable.of(Tensor.full(device, 1, 3, 3, 3, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> x.conv2dTranspose(fits, ConvOptions.DEFAULT.stride(2), 2, 0));
  }
}
