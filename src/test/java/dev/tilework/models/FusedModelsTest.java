package dev.tilework.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.nn.Activate;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Module;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Each family of models, fused, gives the same answers as unfused, in fewer passes. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class FusedModelsTest {
  private static final int SEED = 29;

  /** Relative to the largest logit, as {@link Module#fuse} promises. */
  private static final double BOUND = 2e-5;

  @Parameter private Device device;

  @Test
  void vgg() {
    check(new Vgg(new int[] {1, 1, 2, 1, 1}, false, 7, 16), 32, 0);
  }

  @Test
  void vggWithNorm() {
    check(new Vgg(new int[] {1, 1, 2, 1, 1}, true, 7, 16), 32, 0);
  }

  @Test
  void resnetOfBasicBlocks() {
    check(ResNet.imageNet(new int[] {2, 1, 1, 2}, false, 7), 33, 0);
  }

  @Test
  void resnetOfBottlenecks() {
    check(ResNet.imageNet(new int[] {1, 2, 1, 1}, true, 7), 33, 0);
  }

  @Test
  void resnetForCifar() {
    check(ResNet.cifar(2, 7), 17, 0);
  }

  @Test
  void inception() {
    check(new Inception(7, true), 75, 0);
  }

  /** Of its ReLUs none can follow a convolution where the shortcut needs what is before it. */
  @Test
  void xception() {
    // One at the beginning of each block but the first.
    check(new Xception(7), 71, 11);
  }

  /**
   * Compares, and counts what is left.
   *
   * @param activations the passes of activations that no convolution can take up, those behind
   *     linear layers apart
   */
  private void check(Module build, int size, int activations) {
    device.precision(Precision.FP32);
    try (Module m = build;
        Scope scope = Scope.open();
        NoGrad off = NoGrad.open()) {
      m.init(device, SEED);
      RandomState.fill(m, SEED);
      m.train(false);
      Variable x = Variable.of(Tensor.normal(device, 0, 1, SEED, 2, size, size, 3));
      float[] expected = m.apply(x).value().toArray();
      float[] got;
      try (Module fused = m.fuse()) {
        assertFalse(fused.isTraining());
        assertTrue(fused.parameters().isEmpty());
        assertTrue(fused.modules().values().stream().noneMatch(l -> l instanceof BatchNorm2d));
        assertEquals(activations, activations(fused, x));
        got = fused.apply(x).value().toArray();
      }
      assertClose(expected, got);
      // Neither fusing nor closing touched the network it was made of.
      assertArrayEquals(expected, m.apply(x).value().toArray());
    }
  }

  /** Applications of activations by themselves to images. */
  private static int activations(Module fused, Variable x) {
    AtomicInteger count = new AtomicInteger();
    Module.observe(
        (m, y) -> {
          if (m instanceof Activate && y.shape().rank() == 4) {
            count.incrementAndGet();
          }
        },
        () -> fused.apply(x));
    return count.get();
  }

  private static void assertClose(float[] expected, float[] got) {
    assertEquals(expected.length, got.length);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < got.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - got[i]));
    }
    double apart = difference / largest;
    assertTrue(largest > 1e-3 && apart <= BOUND, "seed " + SEED + ": " + apart + " apart");
  }
}
