package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class BatchNorm2dTest {
  @Parameter private Device device;

  /** Channel 0: 1, 3 (mean 2, variance 1); channel 1: 0, 4 (mean 2, variance 4). */
  private static final float[] X = {1, 0, 3, 4};

  @Test
  void trainingUsesTheBatchAndMovesTheRunningStatistics() {
    try (BatchNorm2d norm = new BatchNorm2d(2, 1e-5f, 0.5f);
        Scope scope = Scope.open()) {
      norm.init(device, 0);
      LayersTest.set(norm, "weight", 10, 1);
      LayersTest.set(norm, "bias", 1, -1);
      Variable x = Variable.of(Tensor.of(device, X, 1, 1, 2, 2));
      assertArrayEquals(new float[] {-9, -2, 11, 0}, norm.apply(x).value().toArray(), 1e-3f);
      // The unbiased variances are 2 and 8; from 0 and 1, halfway.
      assertArrayEquals(new float[] {1, 1}, norm.state().get("running_mean").toArray(), 1e-6f);
      assertArrayEquals(new float[] {1.5f, 4.5f}, norm.state().get("running_var").toArray(), 1e-6f);
    }
  }

  @Test
  void inferenceUsesTheRunningStatisticsAndKeepsThem() {
    try (BatchNorm2d norm = new BatchNorm2d(2);
        Scope scope = Scope.open()) {
      norm.init(device, 0);
      LayersTest.set(norm, "running_mean", 1, 2);
      LayersTest.set(norm, "running_var", 4, 16);
      norm.train(false);
      Variable x = Variable.of(Tensor.of(device, X, 1, 1, 2, 2));
      assertArrayEquals(new float[] {0, -0.5f, 1, 0.5f}, norm.apply(x).value().toArray(), 1e-4f);
      assertArrayEquals(new float[] {0, 0, 1, 0.5f}, norm.relu(x).value().toArray(), 1e-4f);
      Variable r = Variable.of(Tensor.of(device, new float[] {1, 0, -2, 1}, 1, 1, 2, 2));
      assertArrayEquals(new float[] {1, 0, 0, 1.5f}, norm.addRelu(x, r).value().toArray(), 1e-4f);
      assertArrayEquals(new float[] {1, 2}, norm.state().get("running_mean").toArray());
      assertArrayEquals(new float[] {4, 16}, norm.state().get("running_var").toArray());
    }
  }

  @Test
  void onlyWeightAndBiasAreTrained() {
    try (BatchNorm2d norm = new BatchNorm2d(3)) {
      norm.init(device, 0);
      assertEquals(java.util.Set.of("weight", "bias"), norm.parameters().keySet());
      assertEquals(6, norm.parameterCount());
      assertEquals(4, norm.state().size());
    }
  }
}
