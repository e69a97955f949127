package dev.tilework.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
  private static final double EXACT = 1e-12;

  /** True a: 5 (3 as a, 1 as b, 1 as c); true b: 3 (all as b); true c: 2 (1 as a, 1 as c). */
  private static ConfusionMatrix example() {
    ConfusionMatrix m = new ConfusionMatrix(List.of("a", "b", "c"));
    m.add(new int[] {0, 0, 0, 0, 0, 1, 1, 1, 2, 2}, new int[] {0, 0, 0, 1, 2, 1, 1, 1, 0, 2});
    return m;
  }

  @Test
  void countsByTrueAndPredictedClass() {
    ConfusionMatrix m = example();
    assertEquals(10, m.total());
    assertEquals(3, m.count(0, 0));
    assertEquals(1, m.count(0, 1));
    assertEquals(0, m.count(1, 0));
    assertEquals(5, m.support(0));
    assertEquals(4, m.predicted(0));
    assertEquals(0.7, m.accuracy(), EXACT);
  }

  @Test
  void scoresMatchHandComputedOnes() {
    ConfusionMatrix m = example();
    assertEquals(3.0 / 4, m.precision(0), EXACT);
    assertEquals(3.0 / 5, m.recall(0), EXACT);
    assertEquals(2.0 / 3, m.f1(0), EXACT);
    assertEquals(3.0 / 4, m.precision(1), EXACT);
    assertEquals(1.0, m.recall(1), EXACT);
    assertEquals(6.0 / 7, m.f1(1), EXACT);
    assertEquals(0.5, m.precision(2), EXACT);
    assertEquals(0.5, m.recall(2), EXACT);
    assertEquals(0.5, m.f1(2), EXACT);
  }

  @Test
  void averagesMatchHandComputedOnes() {
    ClassificationReport r = example().report();
    assertEquals((0.75 + 0.75 + 0.5) / 3, r.macro().precision(), EXACT);
    assertEquals((0.6 + 1 + 0.5) / 3, r.macro().recall(), EXACT);
    assertEquals((2.0 / 3 + 6.0 / 7 + 0.5) / 3, r.macro().f1(), EXACT);
    assertEquals((5 * 0.75 + 3 * 0.75 + 2 * 0.5) / 10, r.weighted().precision(), EXACT);
    assertEquals(0.7, r.weighted().recall(), EXACT);
    assertEquals((5 * 2.0 / 3 + 3 * 6.0 / 7 + 2 * 0.5) / 10, r.weighted().f1(), EXACT);
    assertEquals(10, r.macro().support());
  }

  @Test
  void ratiosWithoutDenominatorAreZero() {
    ConfusionMatrix m = new ConfusionMatrix(List.of("a", "never seen", "never predicted"));
    assertEquals(0, m.accuracy());
    m.add(0, 0);
    m.add(2, 0);
    assertEquals(0, m.precision(1));
    assertEquals(0, m.recall(1));
    assertEquals(0, m.f1(1));
    assertEquals(0, m.precision(2));
    assertEquals(0, m.recall(2));
    assertEquals((0.5 + 0 + 0) / 3, m.report().macro().precision(), EXACT);
    assertEquals(0.25, m.report().weighted().precision(), EXACT);
  }

  @Test
  void reportIsATableOfAllClasses() {
    List<String> lines = example().report().toString().lines().toList();
    assertEquals(1 + 3 + 3 + 1, lines.size());
    assertEquals(1, lines.stream().mapToInt(String::length).distinct().count(), "one width");
    assertTrue(lines.get(1).matches("a +0\\.7500 +0\\.6000 +0\\.6667 +5"), lines.get(1));
    assertTrue(lines.getLast().matches("accuracy +0\\.7000 +10"), lines.getLast());
  }

  @Test
  void refusesUnknownClassesAndUnequalLengths() {
    ConfusionMatrix m = example();
    assertThrows(IndexOutOfBoundsException.class, () -> m.add(3, 0));
    assertThrows(IndexOutOfBoundsException.class, () -> m.add(0, -1));
    Exception e = assertThrows(IllegalArgumentException.class, () -> m.add(new int[2], new int[3]));
    assertTrue(e.getMessage().contains("2 labels and 3 predictions"), e.getMessage());
    assertEquals(10, m.total());
  }
}
