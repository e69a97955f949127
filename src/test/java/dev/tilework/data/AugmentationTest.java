package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What is drawn for images: ranges, distributions, and that each number stands for itself. */
class AugmentationTest {
  private static final long SEED = 11;
  private static final int DRAWS = 20_000;
  private static final ImageSize SIZE = new ImageSize(20, 30, 3);

  /** The largest distance from uniform between 0 and 1, which 20000 draws exceed once in 10^6. */
  private static final double KOLMOGOROV = 2.7 / Math.sqrt(DRAWS);

  private static ImageNumbers numbers(int image) {
    return new ImageNumbers(SEED, 3, image);
  }

  private static Geometry geometry(Augmentation a, int image) {
    return Geometry.draw(a, SIZE, numbers(image));
  }

  private static void assertUniform(
      String what, double low, double high, IntToDoubleFunction draw) {
    double[] v = java.util.stream.IntStream.range(0, DRAWS).mapToDouble(draw).sorted().toArray();
    assertTrue(v[0] >= low - 1e-9 && v[DRAWS - 1] <= high + 1e-9, what + ": " + v[0]);
    double most = 0;
    for (int i = 0; i < DRAWS; i++) {
      double share = (v[i] - low) / (high - low);
      most = Math.max(most, Math.abs(share - (i + 0.5) / DRAWS));
    }
    assertTrue(most < KOLMOGOROV, what + " of seed " + SEED + " is " + most + " from uniform");
  }

  @Test
  void philoxGivesThePublishedNumbers() {
    // The known answers of the authors' library Random123, the first two words.
    assertEquals(0xe169c58d6627e8d5L, ImageNumbers.block(0, 0, 0, 0, 0));
    assertEquals(0x41c83b0e408f276dL, ImageNumbers.block(-1, -1, -1, -1, -1));
    assertEquals(
        0x94fdccebd16cfe09L,
        ImageNumbers.block(0x299f31d0a4093822L, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344));
  }

  @Test
  void rangesAreUniform() {
    Augmentation turn = Augmentation.builder().rotate(30).build();
    assertUniform(
        "rotation",
        -30,
        30,
        i -> {
          Geometry g = geometry(turn, i);
          return Math.toDegrees(Math.atan2(g.c(), g.a()));
        });
    Augmentation grow = Augmentation.builder().scale(0.5, 2).build();
    assertUniform("scale", 0.5, 2, i -> 1 / geometry(grow, i).a());
    Augmentation shift = Augmentation.builder().translate(0.25).build();
    assertUniform("columns", -7.5, 7.5, i -> geometry(shift, i).tx());
    assertUniform("rows", -5, 5, i -> geometry(shift, i).ty());
    Augmentation colour = Augmentation.builder().brightness(0.2).contrast(0.4).noise(0.1).build();
    assertUniform("brightness", 0.8, 1.2, i -> Colour.draw(colour, numbers(i)).brightness());
    assertUniform("contrast", 0.6, 1.4, i -> Colour.draw(colour, numbers(i)).contrast());
    assertUniform("noise", 0, 0.1, i -> Colour.draw(colour, numbers(i)).noise());
    assertEquals(1, Colour.draw(colour, numbers(1)).saturation());
  }

  @Test
  void numbersOfDifferentUseImageOrEpochAreIndependent() {
    double[] sums = new double[3];
    for (int i = 0; i < DRAWS; i++) {
      double u = numbers(i).uniform(ImageNumbers.Use.ROTATION) - 0.5;
      sums[0] += u * (numbers(i).uniform(ImageNumbers.Use.SCALE) - 0.5);
      sums[1] += u * (numbers(i + 1).uniform(ImageNumbers.Use.ROTATION) - 0.5);
      sums[2] += u * (new ImageNumbers(SEED, 4, i).uniform(ImageNumbers.Use.ROTATION) - 0.5);
    }
    for (double s : sums) {
      assertEquals(0, s / DRAWS * 12, 5 / Math.sqrt(DRAWS), "a correlation, seed " + SEED);
    }
  }

  @Test
  void aFurtherChangeLeavesTheOthersAsTheyWere() {
    Augmentation turn = Augmentation.builder().rotate(30).build();
    Augmentation more = turn.toBuilder().brightness(0.5).noise(0.1).mixUp(1).build();
    for (int i = 0; i < 20; i++) {
      assertEquals(geometry(turn, i), geometry(more, i));
    }
    assertNotEquals(geometry(turn, 1), geometry(turn, 2));
  }

  @Test
  void coinsAreFair() {
    Augmentation a = Augmentation.builder().flip().flipVertical().build();
    int[] seen = new int[4];
    for (int i = 0; i < DRAWS; i++) {
      Move m = Move.draw(a, numbers(i));
      seen[(m.flip() ? 1 : 0) + (m.flipVertical() ? 2 : 0)]++;
    }
    for (int n : seen) {
      assertEquals(DRAWS / 4.0, n, 5 * Math.sqrt(DRAWS * 3 / 16.0), "seed " + SEED);
    }
  }

  @Test
  void randomPartsLieInTheImageAndHaveTheirArea() {
    Augmentation a = Augmentation.builder().resizedCrop(0.1, 0.4).build();
    assertUniform(
        "area",
        0.1,
        0.4,
        i -> {
          Geometry g = geometry(a, i);
          assertTrue(Math.abs(g.tx()) <= SIZE.width() * (1 - g.a()) / 2 + 1e-9);
          assertTrue(Math.abs(g.ty()) <= SIZE.height() * (1 - g.d()) / 2 + 1e-9);
          double aspect = g.a() / g.d();
          assertTrue(aspect >= 0.75 - 1e-9 && aspect <= 4 / 3.0 + 1e-9, "aspect " + aspect);
          return g.a() * g.d();
        });
    Augmentation wide = Augmentation.builder().resizedCrop(1, 1).build();
    assertEquals(Augmentation.NONE, wide);
    Augmentation narrow = Augmentation.builder().resizedCrop(0.9, 1).cropAspect(4, 5).build();
    for (int i = 0; i < 100; i++) {
      Geometry g = geometry(narrow, i);
      assertTrue(g.a() <= 1 && g.d() <= 1, "what never fits is cut to the image");
    }
  }

  @Test
  void weightsFollowTheBetaDistribution() {
    for (double alpha : new double[] {0.01, 0.2, 0.7, 1, 2, 5}) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < DRAWS; i++) {
        double v = numbers(i).beta(alpha);
        assertTrue(v >= 0 && v <= 1, "alpha " + alpha + ": " + v);
        sum += v;
        squares += (v - 0.5) * (v - 0.5);
      }
      double variance = 1 / (4 * (2 * alpha + 1));
      assertEquals(0.5, sum / DRAWS, 5 * Math.sqrt(variance / DRAWS), "mean, alpha " + alpha);
      assertEquals(variance, squares / DRAWS, 0.06 * variance, "variance, alpha " + alpha);
    }
    assertUniform("Beta(1, 1)", 0, 1, i -> numbers(i).beta(1));
  }

  @Test
  void boxesLieInTheImageAndAreTheShare() {
    Augmentation a = Augmentation.builder().cutMix(1).build();
    for (int i = 0; i < 2000; i++) {
      Mixing.Draw d = Mixing.draw(a, SIZE, numbers(i));
      assertTrue(0 <= d.top() && d.top() <= d.bottom() && d.bottom() <= 20, d.toString());
      assertTrue(0 <= d.left() && d.left() <= d.right() && d.right() <= 30, d.toString());
      assertEquals(0, d.weight());
      assertEquals((d.bottom() - d.top()) * (d.right() - d.left()) / 600f, d.share());
    }
  }

  @Test
  void aShareOfTheImagesIsMixedInEitherWay() {
    Augmentation a = Augmentation.builder().mixUp(1).cutMix(1).mixed(0.6).build();
    int[] seen = new int[3];
    for (int i = 0; i < DRAWS; i++) {
      Mixing.Draw d = Mixing.draw(a, SIZE, numbers(i));
      seen[d.equals(Mixing.Draw.NONE) ? 0 : d.weight() > 0 ? 1 : 2]++;
    }
    assertEquals(0.4 * DRAWS, seen[0], 350);
    // A few boxes have no pixel.
    assertEquals(0.3 * DRAWS, seen[1], 350);
    assertEquals(0.3 * DRAWS, seen[2], 350);
  }

  @Test
  void labelsOfMixedImagesAreShared() {
    Mixing m =
        Mixing.of(
            new Mixing.Draw(0.25f, 0, 0, 0, 0, 0.25f),
            new Mixing.Draw(0, 1, 1, 3, 3, 0.5f),
            Mixing.Draw.NONE);
    assertArrayEquals(new int[] {1, 2, 0}, m.partners());
    int[] labels = {2, 0, 0};
    float[] expected = {0.25f, 0, 0.75f, 1, 0, 0, 1, 0, 0};
    assertArrayEquals(expected, m.targets(labels, 3), "two images of one class are wholly of it");
    assertEquals(0.75 + 1 + 1, m.correct(labels, 2, 0, 0), 1e-6);
    assertEquals(0.25 + 1 + 0, m.correct(labels, 0, 0, 1), 1e-6);
    assertEquals(false, Mixing.of(Mixing.Draw.NONE, Mixing.Draw.NONE).any());
  }

  @Test
  void coloursAreComposedAsTheyAreDescribed() {
    Normalization n = new Normalization(List.of(0.5f, 0.4f, 0.3f), List.of(0.25f, 0.5f, 0.125f));
    Colour c = new Colour(1.2, 0.7, 1.5, 0.05);
    float[] t = new float[18];
    c.write(Augmentation.NONE, n, t, 0);
    int[] pixel = {200, 17, 90};
    double[] v = new double[3];
    for (int k = 0; k < 3; k++) {
      double bright = 1.2 * pixel[k] / 255;
      v[k] = n.mean().get(k) + 0.7 * (bright - n.mean().get(k));
    }
    double grey = 0.299 * v[0] + 0.587 * v[1] + 0.114 * v[2];
    double sum = 0;
    for (int k = 0; k < 3; k++) {
      sum += t[6 * k + 1] * pixel[k];
    }
    for (int k = 0; k < 3; k++) {
      double value = grey + 1.5 * (v[k] - grey);
      double expected = (value - n.mean().get(k)) / n.deviation().get(k);
      assertEquals(expected, t[6 * k + 2] * pixel[k] + t[6 * k + 3] * sum + t[6 * k + 4], 1e-5);
      assertEquals(0.05 / n.deviation().get(k), t[6 * k + 5], 1e-6);
      assertEquals(255 * n.mean().get(k), t[6 * k], 1e-4, "the mean colour fills");
    }
    Augmentation blue = Augmentation.builder().fill(0f, 0f, 1f).build();
    c.write(blue, n, t, 0);
    assertArrayEquals(new float[] {0, 0, 255}, new float[] {t[0], t[6], t[12]});
  }

  @Test
  void itIsReadBackFromJsonAndToldInWords() throws Exception {
    Augmentation a =
        Augmentation.STRONG.toBuilder().crop(3).fill(0.5f).cutMix(1).resizedCrop(0.3, 1).build();
    ObjectMapper json = new ObjectMapper();
    assertEquals(a, json.readValue(json.writeValueAsBytes(a), Augmentation.class));
    assertTrue(a.toString().contains("rotation=15.0"), a.toString());
    assertTrue(a.toString().contains("cropArea=0.3 to 1.0"), a.toString());
  }

  @Test
  void wrongNumbersAreErrors() {
    for (Runnable wrong :
        List.<Runnable>of(
            () -> Augmentation.builder().rotate(181).build(),
            () -> Augmentation.builder().rotate(Double.NaN).build(),
            () -> Augmentation.builder().translate(-0.1).build(),
            () -> Augmentation.builder().scale(0, 1),
            () -> Augmentation.builder().scale(2, 1),
            () -> Augmentation.builder().resizedCrop(0.5, 1.5).build(),
            () -> Augmentation.builder().brightness(1.5).build(),
            () -> Augmentation.builder().noise(-1).build(),
            () -> Augmentation.builder().mixUp(-1).build(),
            () -> Augmentation.builder().mixed(2).build(),
            () -> Augmentation.builder().fill(Float.NaN).build(),
            () -> Augmentation.STRONG.requireChannels(1),
            () -> Augmentation.builder().fill(0f).build().requireChannels(3))) {
      Exception e = assertThrows(IllegalArgumentException.class, wrong::run);
      assertTrue(e.getMessage().startsWith("augmentation: "), e.getMessage());
      assertTrue(e.getMessage().contains("expected"), e.getMessage());
    }
  }
}
