package dev.tilework.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Devices;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitTest {
  /** (out, kernelH, kernelW, in): fan in 3 * 5 * 20 = 300, fan out 60 * 3 * 5 = 900. */
  private static final Shape SHAPE = Shape.of(60, 3, 5, 20);

  private static final float GAIN = 1.5f;

  @Test
  void normalDeviations() {
    normal(GAIN / Math.sqrt(300), Init.kaimingNormal(Init.Fan.IN, GAIN));
    normal(GAIN / Math.sqrt(900), Init.kaimingNormal(Init.Fan.OUT, GAIN));
    normal(GAIN * Math.sqrt(2.0 / 1200), Init.xavierNormal(GAIN));
    normal(0.3, Init.normal(0.3f));
  }

  @Test
  void uniformBounds() {
    uniform(GAIN * Math.sqrt(3.0 / 300), Init.kaimingUniform(Init.Fan.IN, GAIN));
    uniform(GAIN * Math.sqrt(3.0 / 900), Init.kaimingUniform(Init.Fan.OUT, GAIN));
    uniform(GAIN * Math.sqrt(6.0 / 1200), Init.xavierUniform(GAIN));
    uniform(0.25, Init.uniform(-0.25f, 0.25f));
  }

  @Test
  void constant() {
    assertArrayEquals(new float[] {3, 3}, values(Init.constant(3), Shape.of(2), 0, 0));
  }

  @Test
  void seedAndStreamChooseTheNumbers() {
    Init i = Init.normal(1);
    float[] a = values(i, SHAPE, 1, 2);
    assertArrayEquals(a, values(i, SHAPE, 1, 2));
    assertFalse(Arrays.equals(a, values(i, SHAPE, 2, 2)));
    assertFalse(Arrays.equals(a, values(i, SHAPE, 1, 3)));
  }

  @Test
  void fanNeedsTwoAxes() {
    Init i = Init.xavierNormal(1);
    assertThrows(IllegalArgumentException.class, () -> values(i, Shape.of(5), 1, 1));
  }

  private static void normal(double deviation, Init init) {
    float[] v = values(init, SHAPE, 3, 4);
    double sum = 0;
    double squares = 0;
    for (float x : v) {
      sum += x;
      squares += x * x;
    }
    // 18,000 numbers: five standard errors of the mean and of the deviation.
    assertEquals(0, sum / v.length, 5 * deviation / Math.sqrt(v.length));
    assertEquals(
        deviation, Math.sqrt(squares / v.length), 5 * deviation / Math.sqrt(2.0 * v.length));
  }

  private static void uniform(double bound, Init init) {
    float[] v = values(init, SHAPE, 3, 4);
    double sum = 0;
    float largest = 0;
    for (float x : v) {
      sum += x;
      largest = Math.max(largest, Math.abs(x));
    }
    assertTrue(largest <= bound * 1.000001 && largest > 0.99 * bound, "largest " + largest);
    assertEquals(0, sum / v.length, 5 * bound / Math.sqrt(3.0 * v.length));
  }

  private static float[] values(Init init, Shape shape, long seed, long stream) {
    try (Tensor t = init.create(Devices.cpu(), shape, seed, stream)) {
      assertEquals(shape, t.shape());
      return t.toArray();
    }
  }
}
