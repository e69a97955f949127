package dev.tilework.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** ROC and precision-recall curves against their definitions, counted sample by sample. */
class CurvesTest {
  private static final double EXACT = 1e-12;

  /** Fawcett's order of two classes: scores .9 .8 .7 .6 .55 .5, positives at 1, 2, 4. */
  private static final double[] SCORES = {0.9, 0.8, 0.7, 0.6, 0.55, 0.5};

  private static final boolean[] POSITIVE = {true, true, false, true, false, false};

  @Test
  void rocMatchesHandComputedPoints() {
    RocCurve c = RocCurve.of(SCORES, POSITIVE);
    double t = 1.0 / 3;
    assertEquals(
        List.of(
            new RocCurve.Point(Math.nextUp(0.9), 0, 0),
            new RocCurve.Point(0.9, 0, t),
            new RocCurve.Point(0.8, 0, 2.0 / 3),
            new RocCurve.Point(0.7, t, 2.0 / 3),
            new RocCurve.Point(0.6, t, 1),
            new RocCurve.Point(0.55, 2.0 / 3, 1),
            new RocCurve.Point(0.5, 1, 1)),
        c.points());
    assertEquals(8.0 / 9, c.auc(), EXACT);
  }

  @Test
  void precisionAndRecallMatchHandComputedPoints() {
    PrecisionRecallCurve c = PrecisionRecallCurve.of(SCORES, POSITIVE);
    assertEquals((1 + 1 + 3.0 / 4) / 3, c.averagePrecision(), EXACT);
    assertEquals(6, c.points().size());
    assertEquals(new PrecisionRecallCurve.Point(0.7, 2.0 / 3, 2.0 / 3), c.points().get(2));
    assertEquals(new PrecisionRecallCurve.Point(0.5, 1, 0.5), c.points().getLast());
  }

  @Test
  void tiesPassAThresholdTogether() {
    double[] all = new double[5];
    boolean[] positive = {true, false, false, true, false};
    RocCurve c = RocCurve.of(all, positive);
    assertEquals(0.5, c.auc());
    assertEquals(2, c.points().size());
    assertEquals(0.4, PrecisionRecallCurve.of(all, positive).averagePrecision(), EXACT);
    // Positives 2 1 1, negatives 1 0: of six pairs two and two are won, two are ties.
    double[] some = {2, 1, 1, 1, -0.0};
    boolean[] first = {true, true, true, false, false};
    assertEquals(5.0 / 6, RocCurve.of(some, first).auc(), EXACT);
    assertEquals(
        2, RocCurve.of(new double[] {0, -0.0}, new boolean[] {true, false}).points().size());
  }

  @Test
  void randomScoresMatchTheDefinitions() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int n = 2 + random.nextInt(60);
      int levels = 1 + random.nextInt(seed % 2 == 0 ? 6 : 1000); // few make ties
      double[] scores = random.doubles(n).map(v -> Math.floor(v * levels) / levels).toArray();
      boolean[] positive = new boolean[n];
      for (int i = 0; i < n; i++) {
        positive[i] = random.nextInt(3) == 0;
      }
      positive[0] = true;
      positive[1] = false;
      String what = "seed " + seed;
      RocCurve roc = RocCurve.of(scores, positive);
      assertEquals(auc(scores, positive), roc.auc(), EXACT, what);
      for (RocCurve.Point p : roc.points()) {
        assertEquals(rate(scores, positive, p.threshold(), true), p.truePositiveRate(), what);
        assertEquals(rate(scores, positive, p.threshold(), false), p.falsePositiveRate(), what);
      }
      PrecisionRecallCurve pr = PrecisionRecallCurve.of(scores, positive);
      assertEquals(averagePrecision(scores, positive), pr.averagePrecision(), EXACT, what);
      assertEquals(roc.points().size() - 1, pr.points().size(), what);
    }
  }

  /** Of all pairs of a positive and a negative, the share in the right order, ties half. */
  private static double auc(double[] scores, boolean[] positive) {
    double won = 0;
    long pairs = 0;
    for (int i = 0; i < scores.length; i++) {
      for (int j = 0; j < scores.length; j++) {
        if (positive[i] && !positive[j]) {
          pairs++;
          won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
        }
      }
    }
    return won / pairs;
  }

  private static double rate(double[] scores, boolean[] positive, double threshold, boolean of) {
    double all = 0;
    double taken = 0;
    for (int i = 0; i < scores.length; i++) {
      if (positive[i] == of) {
        all++;
        taken += scores[i] >= threshold ? 1 : 0;
      }
    }
    return taken / all;
  }

  private static double averagePrecision(double[] scores, boolean[] positive) {
    double[] thresholds = Arrays.stream(scores).distinct().map(v -> -v).sorted().toArray();
    double before = 0;
    double sum = 0;
    for (double t : thresholds) {
      double hits = 0;
      double taken = 0;
      for (int i = 0; i < scores.length; i++) {
        taken += scores[i] >= -t ? 1 : 0;
        hits += scores[i] >= -t && positive[i] ? 1 : 0;
      }
      double recall = rate(scores, positive, -t, true);
      sum += (recall - before) * hits / taken;
      before = recall;
    }
    return sum;
  }

  @Test
  void aMissingSideIsUndefined() {
    double[] s = {0.1, 0.2};
    for (boolean all : new boolean[] {true, false}) {
      RocCurve c = RocCurve.of(s, new boolean[] {all, all});
      assertTrue(Double.isNaN(c.auc()));
      assertEquals(List.of(), c.points());
    }
    boolean[] none = new boolean[2];
    assertTrue(Double.isNaN(PrecisionRecallCurve.of(s, none).averagePrecision()));
    assertEquals(1, PrecisionRecallCurve.of(s, new boolean[] {true, true}).averagePrecision());
    assertTrue(Double.isNaN(RocCurve.of(new double[0], new boolean[0]).auc()));
    assertTrue(Double.isNaN(RocCurve.of(new double[1], new boolean[1]).auc()));
  }

  @Test
  void thinnedCurvesKeepEndsAndArea() {
    Random random = new Random(4);
    double[] s = random.doubles(5000).toArray();
    boolean[] positive = new boolean[s.length];
    for (int i = 0; i < s.length; i++) {
      positive[i] = random.nextDouble() < s[i];
    }
    RocCurve c = RocCurve.of(s, positive);
    RocCurve t = c.thinned(50);
    assertTrue(t.points().size() <= 50 && t.points().size() > 40, "" + t.points().size());
    assertEquals(c.auc(), t.auc());
    assertEquals(c.points().getFirst(), t.points().getFirst());
    assertEquals(c.points().getLast(), t.points().getLast());
    double area = 0;
    for (int i = 1; i < t.points().size(); i++) {
      RocCurve.Point a = t.points().get(i - 1);
      RocCurve.Point b = t.points().get(i);
      area +=
          (b.falsePositiveRate() - a.falsePositiveRate())
              * (a.truePositiveRate() + b.truePositiveRate())
              / 2;
    }
    assertEquals(c.auc(), area, 1e-3, "what is drawn is still the curve");
    assertEquals(c, c.thinned(10_000));
    assertEquals(2, PrecisionRecallCurve.of(s, positive).thinned(2).points().size());
    assertThrows(IllegalArgumentException.class, () -> c.thinned(1));
  }

  @Test
  void refusesWhatIsNoScore() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> RocCurve.of(new double[] {0, Double.NaN}, new boolean[2]));
    assertTrue(e.getMessage().contains("sample 1 is NaN"), e.getMessage());
    e =
        assertThrows(
            IllegalArgumentException.class,
            () -> PrecisionRecallCurve.of(new double[3], new boolean[2]));
    assertTrue(e.getMessage().contains("3 scores for 2 samples"), e.getMessage());
  }
}
