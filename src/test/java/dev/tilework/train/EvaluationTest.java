package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.TestDevices;
import dev.tilework.data.DataLoader;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.Normalization;
import dev.tilework.data.Subset;
import dev.tilework.metrics.Predictions;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Sequential;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationTest {
  private final Device device = TestDevices.cpu();
  private final Subset data = new Subset(new GeneratedShapes(40, 8, 3), 7, 3, 21, 38, 5, 12, 30);

  @Test
  void predictionsAreThoseOfTheImagesTheyName() {
    try (Module net = new Sequential(new Flatten(), new Linear(8 * 8 * 3, 10));
        DataLoader loader =
            new DataLoader(data, DataLoader.Options.evaluation(3, Normalization.IMAGENET))) {
      net.init(device, 4);
      Predictions p = new Predictions(data.classes());
      Evaluation e = Evaluation.of(net, device, loader, p);
      assertEquals(7, p.size());
      assertEquals(e.accuracy(), p.confusion().accuracy());
      assertEquals(e.topFive(), p.topK(5));
      assertEquals(e.loss(), p.calibration(5).negativeLogLikelihood(), 1e-5);
      for (int i = 0; i < 7; i++) {
        assertEquals(data.label(p.sample(i)), p.label(i));
      }
      assertEquals(6, p.sample(6));
      assertEquals(e.confusion().report(), Evaluation.of(net, device, loader).confusion().report());
    }
  }

  @Test
  void predictionsOfOtherClassesAreRefused() {
    try (Module net = new Sequential(new Flatten(), new Linear(8 * 8 * 3, 10));
        DataLoader loader =
            new DataLoader(data, DataLoader.Options.evaluation(3, Normalization.IMAGENET))) {
      net.init(device, 4);
      Predictions other = new Predictions(List.of("a", "b"));
      Exception e =
          assertThrows(
              IllegalArgumentException.class, () -> Evaluation.of(net, device, loader, other));
      assertTrue(e.getMessage().contains("[a, b]"), e.getMessage());
    }
  }
}
