package dev.tilework.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class TopKTest {
  @Test
  void countsSamplesWhoseClassIsAmongTheHighest() {
    float[] scores = {
      0.1f,
      0.2f,
      0.3f,
      0.4f, // order 3, 2, 1, 0
      9,
      8,
      7,
      6, // order 0, 1, 2, 3
      -1,
      -2,
      -1.5f,
      -3 // order 0, 2, 1, 3
    };
    int[] labels = {2, 3, 1};
    double[] expected = {0, 1.0 / 3, 2.0 / 3, 1};
    for (int k = 1; k <= 4; k++) {
      TopK t = new TopK(k, 4);
      t.add(scores, labels);
      assertEquals(expected[k - 1], t.accuracy(), 1e-12, "k = " + k);
    }
  }

  @Test
  void lowerClassWinsATie() {
    TopK t = new TopK(1, 3);
    t.add(new float[] {1, 1, 1, 1, 1, 1}, new int[] {0, 1});
    assertEquals(0.5, t.accuracy());
  }

  @Test
  void nanIsAMiss() {
    TopK t = new TopK(3, 3);
    t.add(new float[] {Float.NaN, 1, 2}, new int[] {2});
    assertEquals(0, t.accuracy());
  }

  @Test
  void refusesWrongLengths() {
    assertThrows(
        IllegalArgumentException.class, () -> new TopK(1, 3).add(new float[5], new int[2]));
    assertEquals(0, new TopK(1, 3).accuracy());
  }
}
