package dev.tilework.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.reference.HostTensor;
import dev.tilework.kernels.reference.Reference;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** Numbers at the ends of the range, and what operations promise for NaN and bad labels. */
class SpecialValuesTest {
  private static final double[] EXTREMES = {
    0, 1e-30, -1e-30, 1e-4, -1e-4, 17, -17, 30, -30, 88, -88, 90, -90, 104, -104, 1000, -1000, 1e10,
    -1e10, 3e38, -3e38
  };

  @TestFactory
  Stream<DynamicNode> specialValues() {
    return DeviceUnderTest.each(
        device ->
            Stream.of(
                test(device, "activations far from 0", SpecialValuesTest::activations),
                test(device, "softmax of large numbers", SpecialValuesTest::softmax),
                test(device, "labels outside the classes", SpecialValuesTest::labels),
                test(device, "a channel without variance", SpecialValuesTest::constantChannel),
                test(device, "Adam with no gradient yet", SpecialValuesTest::adam),
                test(device, "SGD without momentum leaves v", SpecialValuesTest::sgd),
                test(device, "tensors without elements", SpecialValuesTest::empty)));
  }

  private static DynamicNode test(Device device, String name, Consumer<Device> body) {
    return dynamicTest(
        device.name() + " " + name,
        () -> {
          try (Scope scope = Scope.open()) {
            body.accept(device);
          }
        });
  }

  private static HostTensor host(int[] dims, double... values) {
    double[] rounded = Arrays.stream(values).map(v -> (float) v).toArray();
    return new HostTensor(TensorSpec.f32(Shape.of(dims)), rounded);
  }

  private static List<Tensor> check(Device device, Op op, Tolerance tolerance, HostTensor... in) {
    List<HostTensor> copies = Arrays.stream(in).map(HostTensor::copy).toList();
    Tensor[] operands = Arrays.stream(in).map(t -> t.to(device)).toArray(Tensor[]::new);
    List<HostTensor> expected = Reference.run(op, copies);
    List<Tensor> got = device.run(op, operands);
    for (int i = 0; i < expected.size(); i++) {
      assertNull(
          Comparison.difference(
              op + " result " + i, expected.get(i), HostTensor.of(got.get(i)), tolerance, 10));
    }
    for (int i : op.updates()) {
      assertNull(
          Comparison.difference(
              op + " operand " + i, copies.get(i), HostTensor.of(operands[i]), tolerance, 10));
    }
    return got;
  }

  private static void activations(Device device) {
    HostTensor x = host(new int[] {EXTREMES.length}, EXTREMES);
    double[] ones = new double[EXTREMES.length];
    Arrays.fill(ones, 1);
    HostTensor dy = host(new int[] {EXTREMES.length}, ones);
    for (Activation a : ConvSamples.ACTIVATIONS) {
      HostTensor y =
          HostTensor.of(check(device, new ActivationOp.Apply(a), Tolerance.FUNCTION, x).getFirst());
      HostTensor saved = a.gradientFromOutput() ? y : x;
      check(device, new ActivationOp.Grad(a), Tolerance.FUNCTION, dy, saved);
    }
  }

  private static void softmax(Device device) {
    HostTensor x =
        host(
            new int[] {3, 4},
            1e4,
            -1e4,
            1e4,
            0,
            1e38,
            1e38,
            -1e38,
            0,
            -3000,
            -3001,
            -3002,
            Double.NEGATIVE_INFINITY);
    List<Tensor> y = check(device, new SoftmaxOp.Softmax(false), Tolerance.FUNCTION_OF_SUM, x);
    assertEquals(0.5f, y.getFirst().toArray()[0]);
    assertEquals(0, y.getFirst().toArray()[11]);
    check(device, new SoftmaxOp.Softmax(true), Tolerance.FUNCTION_OF_SUM, x);
  }

  private static void labels(Device device) {
    HostTensor logits = host(new int[] {2, 3}, 1, 2, 3, -1, 0, 1);
    for (int label : new int[] {-1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      HostTensor labels = new HostTensor(TensorSpec.i32(Shape.of(2)), 1, label);
      for (float smoothing : new float[] {0, 0.1f}) {
        List<Tensor> out =
            check(
                device,
                new LossOp.CrossEntropy(smoothing),
                Tolerance.FUNCTION_OF_SUM,
                logits,
                labels);
        assertTrue(Float.isNaN(out.getFirst().item()), "the loss for label " + label);
      }
    }
  }

  private static void constantChannel(Device device) {
    HostTensor x = host(new int[] {5, 2}, 3, 1, 3, 2, 3, 3, 3, 4, 3, 5);
    HostTensor c = host(new int[] {2}, 1, 1);
    check(
        device,
        new NormOp.BatchNormTraining(1e-5f, 0.5f, false, false),
        Tolerance.FUNCTION_OF_SUM,
        x,
        c,
        c,
        c,
        c);
    // One pixel: the variance is 0, divided by 1 for the running statistics.
    HostTensor pixel = host(new int[] {1, 2}, 7, -7);
    check(
        device,
        new NormOp.BatchNormTraining(1e-5f, 0.5f, false, false),
        Tolerance.FUNCTION_OF_SUM,
        pixel,
        c,
        c,
        c,
        c);
  }

  private static void adam(Device device) {
    HostTensor w = host(new int[] {3}, 1, -1, 0);
    HostTensor zero = host(new int[] {3}, 0, 0, 0);
    check(
        device,
        new OptimizerOp.Adam(0.1f, 0.9f, 0.999f, 1e-8f, 0, false, 1),
        Tolerance.STEP,
        w,
        zero,
        zero,
        zero);
  }

  private static void sgd(Device device) {
    HostTensor w = host(new int[] {3}, 1, -1, 0);
    HostTensor v = host(new int[] {3}, 5, 6, 7);
    OptimizerOp.Sgd op = new OptimizerOp.Sgd(0.1f, 0, false, 0.5f);
    Tensor velocity = v.to(device);
    device.run(op, w.to(device), velocity, w.to(device));
    assertArrayEquals(new float[] {5, 6, 7}, velocity.toArray());
  }

  private static void empty(Device device) {
    Tensor none = Tensor.zeros(device, 2, 0, 3);
    assertEquals(Shape.of(3, 2, 0), none.transpose(2, 0, 1).shape());
    assertEquals(Shape.of(2, 0, 1), none.slice(2, 1, 1).shape());
    assertEquals(DType.FLOAT16, none.cast(DType.FLOAT16).dtype());
    assertEquals(0, none.copy().toArray().length);
    Tensor some = Tensor.of(device, new float[] {1, 2, 3, 4, 5, 6}, 2, 1, 3);
    assertArrayEquals(some.toArray(), Tensor.concat(1, none, some, none).toArray());
  }
}
