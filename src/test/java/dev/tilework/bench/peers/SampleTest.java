package dev.tilework.bench.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Operands are the same everywhere, and a result that differs is seen. */
class SampleTest {
  private static final int SIZE = 200_000;

  @Test
  void operandsFillTheirRangeEvenly() {
    float[] values = Data.uniform(3, SIZE, -0.5f, 0.5f);
    assertArrayEquals(values, Data.uniform(3, SIZE, -0.5f, 0.5f));
    assertNotEquals(values[0], Data.uniform(4, 1, -0.5f, 0.5f)[0]);
    double sum = 0;
    double squares = 0;
    double neighbours = 0;
    for (int i = 0; i < SIZE; i++) {
      assertTrue(values[i] >= -0.5f && values[i] < 0.5f);
      sum += values[i];
      squares += values[i] * values[i];
      neighbours += values[i] * values[(i + 1) % SIZE];
    }
    // Four standard deviations of the means: of 1/12, 1/180 and 1/144 a number.
    assertEquals(0, sum / SIZE, 4 * Math.sqrt(1 / 12.0 / SIZE));
    assertEquals(1 / 12.0, squares / SIZE, 4 * Math.sqrt(1 / 180.0 / SIZE));
    assertEquals(0, neighbours / SIZE, 4 * Math.sqrt(1 / 144.0 / SIZE));
  }

  @Test
  void channelsMoveAndReturn() {
    int n = 2;
    int h = 3;
    int w = 4;
    int c = 5;
    float[] nhwc = Data.uniform(1, (long) n * h * w * c, 0, 1);
    float[] nchw = Data.nchw(nhwc, n, h, w, c);
    assertEquals(nhwc[((1 * h + 2) * w + 3) * c + 4], nchw[((1 * c + 4) * h + 2) * w + 3]);
    assertArrayEquals(nhwc, Data.nhwc(nchw, n, h, w, c));
  }

  @Test
  void sameResultsPassAndOthersDoNot() {
    float[] ours = Data.uniform(1, SIZE, -1, 1);
    float[] rounded = ours.clone();
    for (int i = 0; i < SIZE; i++) {
      rounded[i] += (i % 2 == 0 ? 1e-5f : -1e-5f);
    }
    Sample sample = Sample.of(ours);
    assertDoesNotThrow(() -> sample.check(Sample.of(rounded), 1e-3));
    differs(sample, ours, 0, 0.01f);
    // Between the elements that are sent, a sum tells.
    differs(sample, ours, 1, 10);
    differs(sample, ours, SIZE - 1, Float.NaN);
    assertThrows(IllegalStateException.class, () -> sample.check(Sample.of(new float[3]), 1));
    float[] zeros = new float[4];
    assertThrows(IllegalStateException.class, () -> Sample.of(zeros).check(Sample.of(zeros), 1e-3));
    float[] moved = ours.clone();
    System.arraycopy(ours, 0, moved, 1, SIZE - 1);
    assertThrows(IllegalStateException.class, () -> sample.check(Sample.of(moved), 1e-3));
  }

  @Test
  void stepsOfTrainingAreComparedByLossAndWholeGradient() {
    float[] ours = Data.uniform(1, 9409, -1, 1);
    ours[0] = 2.3f;
    Sample sample = Sample.of(ours);
    float[] near = ours.clone();
    near[7] += 0.5f;
    assertDoesNotThrow(() -> sample.checkStep(Sample.of(near), 0.03));
    float[] loss = ours.clone();
    loss[0] = 2.31f;
    assertThrows(IllegalStateException.class, () -> sample.checkStep(Sample.of(loss), 0.03));
    float[] scaled = ours.clone();
    for (int i = 1; i < scaled.length; i++) {
      scaled[i] *= 1.04f;
    }
    assertThrows(IllegalStateException.class, () -> sample.checkStep(Sample.of(scaled), 0.03));
    scaled[1] = Float.NaN;
    assertThrows(IllegalStateException.class, () -> sample.checkStep(Sample.of(scaled), 0.2));
  }

  private static void differs(Sample sample, float[] ours, int at, float by) {
    float[] wrong = ours.clone();
    wrong[at] += by;
    assertThrows(
        IllegalStateException.class, () -> sample.check(Sample.of(wrong), 1e-3), () -> "at " + at);
  }
}
