package dev.tilework.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartsTest {
  @TempDir Path folder;

  private static History history(int epochs) {
    History h = History.EMPTY;
    for (int e = 1; e <= epochs; e++) {
      double t = Math.exp(-e / 3.0);
      h =
          h.with(
              new History.Epoch(
                  e, 0.3 + 2 * t, 0.97 - 0.8 * t, 0.35 + 1.8 * t, 0.96 - 0.8 * t, 0.1, 2000, 5));
    }
    return h;
  }

  @Test
  void learningCurveShowsBothRunsInTheirColours() throws Exception {
    Path png = folder.resolve("curve.png");
    Charts.learningCurve(history(12), png);
    BufferedImage image = ImageIO.read(png.toFile());
    assertEquals(1280, image.getWidth());
    assertEquals(480, image.getHeight());
    for (int half = 0; half < 2; half++) {
      BufferedImage part = image.getSubimage(half * 640, 0, 640, 480);
      assertTrue(count(part, 0x1F77B4) > 200, "training");
      assertTrue(count(part, 0xE6700F) > 200, "validation");
    }
  }

  @Test
  void learningCurveLeavesOutValuesThatAreNotFinite() throws Exception {
    Path png = folder.resolve("curve.png");
    double none = Double.NaN;
    Charts.learningCurve(
        history(3).with(new History.Epoch(4, 0.5, 0.9, none, none, 0.1, 2000, 5)), png);
    assertTrue(count(ImageIO.read(png.toFile()), 0x1F77B4) > 200);
  }

  @Test
  void confusionMatrixIsDarkOnItsDiagonal() throws Exception {
    ConfusionMatrix m = new ConfusionMatrix(List.of("circle", "square", "triangle"));
    for (int label = 0; label < 3; label++) {
      for (int i = 0; i < 100; i++) {
        m.add(label, label);
      }
    }
    Path png = folder.resolve("matrix.png");
    Charts.confusionMatrix(m, png);
    BufferedImage image = ImageIO.read(png.toFile());
    int diagonal = count(image, 0x6BAED6);
    assertTrue(diagonal > 3 * 40 * 40, "pixels of the fullest cells: " + diagonal);
  }

  @Test
  void anEmptyHistoryAndAMissingFolderAreErrors() {
    Path png = folder.resolve("x.png");
    assertThrows(IllegalArgumentException.class, () -> Charts.learningCurve(History.EMPTY, png));
    Path missing = folder.resolve("missing/x.png");
    Exception e =
        assertThrows(UncheckedIOException.class, () -> Charts.learningCurve(history(2), missing));
    assertTrue(e.getMessage().contains(missing.toString()), e.getMessage());
  }

  private static int count(BufferedImage image, int rgb) {
    int n = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        n += (image.getRGB(x, y) & 0xFFFFFF) == rgb ? 1 : 0;
      }
    }
    return n;
  }
}
