package dev.tilework.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EvaluationReportTest {
  private static final List<Integer> KS = List.of(1, 3, 5);

  /** Six classes, of which the last has no sample. */
  private static Predictions random() {
    Predictions p = new Predictions(List.of("a", "b", "c", "d", "e", "absent \"quoted\""));
    Random random = new Random(11);
    for (int i = 0; i < 200; i++) {
      float[] logits = new float[6];
      for (int c = 0; c < 6; c++) {
        logits[c] = (float) random.nextGaussian();
      }
      logits[i % 5] += 1;
      p.add(logits, new int[] {i % 5}, new int[] {i});
    }
    return p;
  }

  @Test
  void averagesAreOverTheClassesThatHaveTheNumber() {
    Predictions p = random();
    EvaluationReport r = p.report();
    double auc = 0;
    double ap = 0;
    for (int c = 0; c < 5; c++) {
      auc += p.roc(c).auc() / 5;
      ap += p.precisionRecall(c).averagePrecision() / 5;
    }
    assertEquals(auc, r.macroAuc(), 1e-12);
    assertEquals(ap, r.meanAveragePrecision(), 1e-12);
    assertTrue(Double.isNaN(r.curves().get(5).roc().auc()));
    assertEquals(Map.of(1, p.topK(1), 3, p.topK(3), 5, p.topK(5)), Map.copyOf(r.topK()));
    assertEquals(p.topK(1), r.accuracy());
    assertEquals(p.confusion().count(2, 3), r.confusion().get(2).get(3));
    assertEquals(p.classes(), r.classes());
  }

  @Test
  void microAverageIsTheAccuracy() {
    ClassificationReport s = random().report().scores();
    assertEquals(s.accuracy(), s.micro().precision());
    assertEquals(s.accuracy(), s.micro().recall());
    assertEquals(s.accuracy(), s.micro().f1());
    assertEquals(200, s.micro().support());
  }

  @Test
  void jsonRoundTrip() throws Exception {
    EvaluationReport r = random().report();
    String json = r.toJson();
    assertEquals(r, EvaluationReport.fromJson(json));
    JsonNode n = new ObjectMapper().readTree(json);
    assertEquals(r.macroAuc(), n.get("macro_auc").asDouble());
    assertEquals(r.topK().get(5), n.get("top_k").get("5").asDouble());
    assertTrue(n.get("curves").get(5).get("roc").get("auc").isNull(), "undefined is null");
    assertEquals(3, n.get("curves").get(0).get("roc").get("points").get(0).size());
    assertFalse(json.contains("NaN"));
    assertFalse(json.matches("(?s).*\"[a-z0-9]+[A-Z]\\w*\" :.*"), "names are in snake case");
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> EvaluationReport.fromJson("{\"x\": 1}"));
    assertTrue(e.getMessage().contains("evaluation report"), e.getMessage());
  }

  @Test
  void oneSampleOfOneClass() {
    Predictions p = new Predictions(List.of("only"));
    p.add(new float[] {3}, new int[] {0}, new int[] {0});
    EvaluationReport r = p.report();
    assertEquals(1, r.accuracy());
    assertEquals(Map.of(1, 1.0), Map.copyOf(r.topK()));
    assertTrue(Double.isNaN(r.macroAuc()), "no negative");
    assertEquals(1, r.meanAveragePrecision());
    assertEquals(0, r.calibration().negativeLogLikelihood());
    assertEquals(0, r.calibration().brierScore());
    assertEquals(r, EvaluationReport.fromJson(r.toJson()));
  }

  @Test
  void kBelowTheClassesAlone() {
    for (int classes = 2; classes <= 6; classes++) {
      Predictions p = new Predictions(Collections.nCopies(classes, "x"));
      p.add(new float[classes], new int[] {1}, new int[] {0});
      List<Integer> expected = classes <= 3 ? List.of(1) : classes <= 5 ? List.of(1, 3) : KS;
      assertEquals(expected, List.copyOf(p.report().topK().keySet()), classes + " classes");
    }
  }

  @Test
  void textHasALineForEachClassAndAverage() {
    List<String> lines = random().report().toString().lines().toList();
    assertEquals(1 + 6 + 3 + 1 + 2, lines.size(), String.join("\n", lines));
    assertTrue(lines.get(6).matches("absent \"quoted\" .* - +- +0"), lines.get(6));
    assertTrue(lines.get(11).matches("accuracy [\\d.]+%   top-3 [\\d.]+%   top-5 [\\d.]+%"));
  }
}
