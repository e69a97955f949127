package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
  private static final Normalization HALF =
      new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));

  @TempDir Path folder;

  private static byte[] random(long seed, int h, int w) {
    byte[] b = new byte[h * w * 3];
    new Random(seed).nextBytes(b);
    return b;
  }

  /** One weighted mean over both axes at once, where the library rounds in between. */
  private static double reference(
      byte[] in, int h, int w, int outH, int outW, int y, int x, int c, Scaling.Filter f) {
    double support = f == Scaling.Filter.BILINEAR ? 1 : 2;
    double sum = 0;
    double total = 0;
    for (int i = 0; i < h; i++) {
      for (int j = 0; j < w; j++) {
        double k =
            kernel(f, support, i, y, (double) h / outH)
                * kernel(f, support, j, x, (double) w / outW);
        total += k;
        sum += k * (in[(i * w + j) * 3 + c] & 0xFF);
      }
    }
    return Math.clamp(sum / total, 0, 255);
  }

  private static double kernel(Scaling.Filter f, double support, int in, int out, double scale) {
    double stretch = Math.max(1, scale);
    double t = Math.abs(in + 0.5 - (out + 0.5) * scale) / stretch;
    if (t >= support) {
      return 0;
    }
    if (f == Scaling.Filter.BILINEAR) {
      return 1 - t;
    }
    double a = -0.5;
    return t < 1
        ? (a + 2) * t * t * t - (a + 3) * t * t + 1
        : a * t * t * t - 5 * a * t * t + 8 * a * t - 4 * a;
  }

  @ParameterizedTest
  @CsvSource({"9,13,5,7", "5,7,11,8", "16,16,7,31", "3,50,3,11", "40,1,13,1", "7,7,7,7"})
  void scalingIsAWeightedMean(int h, int w, int outH, int outW) {
    long seed = 3L * h + w;
    byte[] in = random(seed, h, w);
    for (Scaling.Filter f : Scaling.Filter.values()) {
      byte[] out = Resampling.scale(in, h, w, outH, outW, f);
      for (int i = 0; i < out.length; i++) {
        int y = i / 3 / outW;
        double expected = reference(in, h, w, outH, outW, y, i / 3 % outW, i % 3, f);
        // Rounded, or cut off by the cubic's overshoot, between the two passes.
        double tolerance = h == outH || w == outW ? 0.51 : f == Scaling.Filter.BILINEAR ? 1.01 : 40;
        assertEquals(expected, out[i] & 0xFF, tolerance, f + " at " + i + ", seed " + seed);
      }
    }
  }

  @Test
  void smoothImagesKeepTheirValuesUnderBothFilters() {
    byte[] in = new byte[40 * 60 * 3];
    for (int i = 0; i < in.length; i++) {
      in[i] = (byte) (20 + 3 * (i / 3 % 60) + i / 180);
    }
    for (Scaling.Filter f : Scaling.Filter.values()) {
      byte[] out = Resampling.scale(in, 40, 60, 20, 30, f);
      for (int y = 4; y < 16; y++) {
        for (int x = 4; x < 26; x++) {
          double expected = 20 + 3 * (2 * x + 0.5) + 2 * y + 0.5;
          assertEquals(expected, out[(y * 30 + x) * 3] & 0xFF, 1.01, f + " " + y + " " + x);
        }
      }
    }
  }

  /** The place of the cut, on an image that tells rows and columns by its colours. */
  @ParameterizedTest
  @CsvSource({"20,20,10,8,1,1", "30,20,10,10,0,2", "20,31,10,7,4,2", "21,20,20,19,0,1"})
  void theMiddleIsCutOut(int w, int h, int shorter, int crop, int top, int left) throws Exception {
    BufferedImage image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    byte[] pixels = new byte[h * w * 3];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        image.setRGB(x, y, 8 * x << 16 | 8 * y << 8);
        pixels[(y * w + x) * 3] = (byte) (8 * x);
        pixels[(y * w + x) * 3 + 1] = (byte) (8 * y);
      }
    }
    Path file = Pictures.write(folder.resolve("p.png"), image);
    int outW = w <= h ? shorter : shorter * w / h;
    int outH = w <= h ? shorter * h / w : shorter;
    byte[] scaled = Resampling.scale(pixels, h, w, outH, outW, Scaling.Filter.BILINEAR);
    byte[] expected = new byte[crop * crop * 3];
    for (int i = 0; i < expected.length; i++) {
      int y = i / 3 / crop + top;
      expected[i] = scaled[(y * outW + i / 3 % crop + left) * 3 + i % 3];
    }
    Preprocessing p =
        new Preprocessing(
            new Scaling(shorter, Scaling.Filter.BILINEAR), ImageSize.square(crop), HALF);
    assertArrayEquals(expected, p.pixels(file));
    float[] numbers = p.read(file);
    assertEquals((expected[0] & 0xFF) / 255f * 2 - 1, numbers[0], 1e-6);
  }

  @Test
  void aFolderIsReadAsItsPreprocessingSays() throws Exception {
    for (String c : new String[] {"a", "b"}) {
      Pictures.plain(folder.resolve("d/" + c + "/1.png"), 50, 30, 0x102030);
    }
    Preprocessing p =
        new Preprocessing(new Scaling(20, Scaling.Filter.BICUBIC), ImageSize.square(16), HALF);
    ImageFolder data = ImageFolder.open(folder.resolve("d"), p);
    assertEquals(ImageSize.square(16), data.imageSize());
    assertArrayEquals(p.pixels(folder.resolve("d/a/1.png")), data.sample(0).pixels());
    assertEquals(0x10, data.sample(0).pixels()[0]);
    ImageFolder known = ImageFolder.open(folder.resolve("d"), p, List.of("b", "a"));
    assertEquals(1, known.label(0));
    Preprocessing covering = Preprocessing.covering(ImageSize.square(16), HALF);
    assertArrayEquals(
        ImageFiles.read(folder.resolve("d/a/1.png"), ImageSize.square(16)),
        covering.pixels(folder.resolve("d/a/1.png")));
  }

  @Test
  void whatCannotBeIsRefused() {
    Scaling small = new Scaling(10, Scaling.Filter.BILINEAR);
    ImageSize size = ImageSize.square(11);
    assertThrows(IllegalArgumentException.class, () -> new Preprocessing(small, size, HALF));
    assertThrows(IllegalArgumentException.class, () -> new Scaling(0, Scaling.Filter.BILINEAR));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Preprocessing(null, new ImageSize(4, 4, 1), HALF));
  }

  @Test
  void classesAreChosenAndCountedAnew() {
    Dataset shapes = new GeneratedShapes(40, 8, 1);
    Dataset two = new ClassSubset(shapes, List.of("star", "circle"));
    assertEquals(8, two.size());
    assertEquals(List.of("star", "circle"), two.classes());
    for (int i = 0; i < two.size(); i++) {
      assertEquals(i % 2 == 0 ? 1 : 0, two.label(i));
      assertEquals(two.label(i), two.sample(i).label());
      assertTrue(two.name(i).contains(two.classes().get(two.label(i))), two.name(i));
    }
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new ClassSubset(shapes, List.of("star", "moon", "circle")));
    assertTrue(e.getMessage().contains("[moon]") && e.getMessage().contains("hourglass"));
    for (List<String> bad : List.of(List.of("star"), List.of("star", "star", "ring"))) {
      assertThrows(IllegalArgumentException.class, () -> new ClassSubset(shapes, bad));
    }
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "3", "7", "100"})
  void aLimitTakesEvenlyFromEachClass(int limit) {
    Dataset shapes = new GeneratedShapes(73, 8, 1);
    Dataset some = Subset.limited(shapes, limit);
    int[] count = new int[10];
    for (int i = 0; i < some.size(); i++) {
      count[some.label(i)]++;
    }
    for (int c = 0; c < 10; c++) {
      assertEquals(Math.min(limit, c < 3 ? 8 : 7), count[c]);
    }
    assertThrows(IllegalArgumentException.class, () -> Subset.limited(shapes, 0));
  }
}
