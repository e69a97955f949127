package dev.tilework.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PredictionsTest {
  private static final double EXACT = 1e-12;

  /** Logits whose softmax is these probabilities. */
  private static void add(Predictions p, int label, double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int c = 0; c < logits.length; c++) {
      logits[c] = (float) Math.log(probabilities[c]);
    }
    p.add(logits, new int[] {label}, new int[] {100 + p.size()});
  }

  private static Predictions example() {
    Predictions p = new Predictions(List.of("a", "b", "c"));
    add(p, 0, 0.7, 0.2, 0.1);
    add(p, 1, 0.6, 0.3, 0.1);
    add(p, 1, 0.05, 0.9, 0.05);
    add(p, 2, 0.1, 0.55, 0.35);
    return p;
  }

  @Test
  void probabilitiesAreSoftmax() {
    Predictions p = example();
    assertEquals(4, p.size());
    assertEquals(0.3, p.probability(1, 1), 1e-7);
    assertEquals(Math.log(0.35), p.logProbability(3, 2), 1e-7);
    assertEquals(0, p.prediction(1));
    assertEquals(1, p.label(1));
    assertEquals(101, p.sample(1));
    assertEquals(0.6, p.confidence(1), 1e-7);
    assertTrue(p.isHit(0) && !p.isHit(1));
    assertEquals(0.5, p.confusion().accuracy());
    assertEquals(0.5, p.topK(1));
    assertEquals(1, p.topK(2));
  }

  @Test
  void largeLogitsKeepTheirLikelihood() {
    Predictions p = new Predictions(List.of("a", "b"));
    p.add(new float[] {2000, 0, -2000, 1000}, new int[] {1, 1}, new int[2]);
    assertEquals(-2000, p.logProbability(0, 1));
    assertEquals(1000, p.calibration(10).negativeLogLikelihood(), EXACT);
    p.add(new float[] {0, Float.NEGATIVE_INFINITY}, new int[] {0}, new int[1]);
    assertEquals(0, p.probability(2, 1));
    assertEquals(1, p.probability(2, 0));
  }

  @Test
  void theLowerClassWinsATie() {
    Predictions p = new Predictions(List.of("a", "b", "c"));
    p.add(new float[] {1, 2, 2}, new int[] {2}, new int[1]);
    assertEquals(1, p.prediction(0));
    assertEquals(0, p.topK(1));
    assertEquals(1, p.topK(2));
  }

  @Test
  void mistakesAreInTheOrderOfTheirConfidence() {
    Predictions p = example();
    add(p, 2, 0.6, 0.3, 0.1); // as confident as the second
    add(p, 0, 0.01, 0.01, 0.98);
    assertEquals(List.of(5, 1, 4, 3), p.mistakes(10));
    assertEquals(List.of(5, 1), p.mistakes(2));
  }

  @Test
  void calibrationMatchesHandComputedBins() {
    // Two bins: confidence 0.55 wrong is in (0.5, 1] too, so take four.
    Calibration c = example().calibration(4);
    assertEquals(List.of(0L, 0L, 3L, 1L), c.bins().stream().map(Calibration.Bin::count).toList());
    Calibration.Bin third = c.bins().get(2);
    assertEquals(0.5, third.lower());
    assertEquals(0.75, third.upper());
    assertEquals((0.7 + 0.6 + 0.55) / 3, third.confidence(), 1e-7);
    assertEquals(1.0 / 3, third.accuracy(), EXACT);
    assertTrue(Double.isNaN(c.bins().getFirst().accuracy()));
    double gap = 1.85 / 3 - 1.0 / 3;
    assertEquals((3 * gap + 0.1) / 4, c.expectedError(), 1e-7);
    assertEquals(gap, c.maximumError(), 1e-7);
    double brier =
        (0.3 * 0.3 + 0.2 * 0.2 + 0.1 * 0.1)
            + (0.6 * 0.6 + 0.7 * 0.7 + 0.1 * 0.1)
            + (0.05 * 0.05 + 0.1 * 0.1 + 0.05 * 0.05)
            + (0.1 * 0.1 + 0.55 * 0.55 + 0.65 * 0.65);
    assertEquals(brier / 4, c.brierScore(), 1e-6);
    double nll = -(Math.log(0.7) + Math.log(0.3) + Math.log(0.9) + Math.log(0.35)) / 4;
    assertEquals(nll, c.negativeLogLikelihood(), 1e-7);
  }

  @Test
  void aConfidenceOnABoundaryIsInTheLowerBin() {
    Predictions p = new Predictions(List.of("a", "b"));
    p.add(new float[] {0, 0}, new int[] {0}, new int[1]); // exactly one half
    assertEquals(1, p.calibration(2).bins().getFirst().count());
    Predictions one = new Predictions(List.of("only"));
    one.add(new float[] {5}, new int[] {0}, new int[1]); // exactly one
    assertEquals(1, one.calibration(15).bins().getLast().count());
    assertEquals(0, one.calibration(15).expectedError());
  }

  @Test
  void randomPredictionsMatchTheDefinitions() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int classes = 1 + random.nextInt(5);
      int n = 1 + random.nextInt(40);
      Predictions p = new Predictions(java.util.Collections.nCopies(classes, "x"));
      double brier = 0;
      double nll = 0;
      double[][] q = new double[n][classes];
      for (int i = 0; i < n; i++) {
        float[] logits = new float[classes];
        double sum = 0;
        for (int c = 0; c < classes; c++) {
          logits[c] = Math.round(4 * random.nextGaussian()) / 2f; // ties
          sum += Math.exp(logits[c]);
        }
        int label = random.nextInt(classes);
        for (int c = 0; c < classes; c++) {
          q[i][c] = Math.exp(logits[c]) / sum;
          brier += Math.pow(q[i][c] - (c == label ? 1 : 0), 2) / n;
        }
        nll -= Math.log(q[i][label]) / n;
        p.add(logits, new int[] {label}, new int[] {i});
      }
      String what = "seed " + seed;
      Calibration c = p.calibration(7);
      assertEquals(brier, c.brierScore(), 1e-12, what);
      assertEquals(nll, c.negativeLogLikelihood(), 1e-12, what);
      double expected = 0;
      for (int b = 0; b < 7; b++) {
        double confidence = 0;
        double hits = 0;
        for (int i = 0; i < n; i++) {
          double most = java.util.Arrays.stream(q[i]).max().orElseThrow();
          if (most > b / 7.0 + 1e-9 && most <= (b + 1) / 7.0 + 1e-9) {
            confidence += most;
            hits += p.isHit(i) ? 1 : 0;
          }
        }
        expected += Math.abs(hits - confidence) / n;
      }
      assertEquals(expected, c.expectedError(), 1e-12, what);
    }
  }

  @Test
  void refusesWhatIsNoPrediction() {
    Predictions p = new Predictions(List.of("a", "b"));
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> p.add(new float[] {0, Float.NaN}, new int[] {0}, new int[] {7}));
    assertTrue(e.getMessage().contains("sample 7 for class 'b' is NaN"), e.getMessage());
    float low = Float.NEGATIVE_INFINITY;
    assertThrows(
        IllegalArgumentException.class,
        () -> p.add(new float[] {low, low}, new int[] {0}, new int[1]));
    assertThrows(IllegalArgumentException.class, () -> p.add(new float[3], new int[2], new int[2]));
    assertThrows(
        IndexOutOfBoundsException.class, () -> p.add(new float[2], new int[] {2}, new int[1]));
    assertThrows(IllegalArgumentException.class, () -> new Predictions(List.of()));
    assertEquals(0, p.size());
    assertThrows(IllegalStateException.class, p::report);
    assertThrows(IllegalStateException.class, () -> p.calibration(5));
    assertThrows(IllegalArgumentException.class, () -> example().calibration(0));
  }
}
