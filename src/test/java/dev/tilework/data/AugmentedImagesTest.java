package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.data.Geometry.Crop;
import dev.tilework.kernels.ImageOp;
import dev.tilework.kernels.reference.ReferenceDriver;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every device makes of images. */
@ParameterizedClass(name = "{0}", allowZeroInvocations = true)
@MethodSource("dev.tilework.kernels.DeviceUnderTest#fresh")
class AugmentedImagesTest {
  private static final Move STAY = new Move(0, 0, false, false);
  private static final float FILL = -7;
  private static final Normalization COLOURS =
      new Normalization(List.of(0.45f, 0.4f, 0.35f), List.of(0.2f, 0.25f, 0.3f));
  private static final Augmentation ALL =
      Augmentation.STRONG.toBuilder().flipVertical().crop(2).resizedCrop(0.4, 1).build();
  private static final Augmentation WITHOUT_NOISE = ALL.toBuilder().noise(0).build();

  @Parameter private Device device;

  /** A random image, of numbers that are no bytes. */
  private static float[] image(int h, int w, int channels) {
    Random random = new Random(5);
    float[] x = new float[h * w * channels];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.nextFloat() * 2 - 1;
    }
    return x;
  }

  /** An image whose pixels are taken as told, its colours unchanged. */
  private float[] warp(float[] x, int h, int w, Geometry g) {
    int channels = x.length / h / w;
    float[] t = new float[ImageOp.warpParameters(channels)];
    g.write(t, 0);
    for (int c = 0; c < channels; c++) {
      t[ImageOp.WARP_GEOMETRY + 6 * c] = FILL;
      t[ImageOp.WARP_GEOMETRY + 6 * c + 2] = 1;
    }
    try (Tensor image = Tensor.of(device, x, 1, h, w, channels);
        Tensor parameters = Tensor.of(device, t, 1, t.length);
        Tensor numbers = Tensor.ofInts(device, new int[] {9}, 1);
        Tensor y = device.run1(new ImageOp.Warp(h, w, 1, 2), image, parameters, numbers)) {
      return y.toArray();
    }
  }

  /** Where a pixel of the result comes from, in whole pixels; row first. */
  private interface Source {
    int[] of(int row, int column);
  }

  private static void assertMoved(
      String what, float[] x, int h, int w, Source source, float[] got) {
    int channels = x.length / h / w;
    for (int i = 0; i < got.length; i++) {
      int[] from = source.of(i / channels / w, i / channels % w);
      boolean inside = from[0] >= 0 && from[0] < h && from[1] >= 0 && from[1] < w;
      float expected = inside ? x[(from[0] * w + from[1]) * channels + i % channels] : FILL;
      assertEquals(expected, got[i], what + ", element " + i);
    }
  }

  @Test
  void flipsAndWholePixelsAreExact() {
    for (int[] size : new int[][] {{7, 10}, {8, 8}, {1, 5}, {33, 32}}) {
      int h = size[0];
      int w = size[1];
      float[] x = image(h, w, 3);
      for (Move m :
          List.of(
              STAY,
              new Move(0, 0, true, false),
              new Move(0, 0, false, true),
              new Move(-3, 2, true, true),
              new Move(4, -4, false, false),
              new Move(40, 0, true, false))) {
        assertMoved(
            m + " of " + h + "x" + w,
            x,
            h,
            w,
            (p, q) ->
                new int[] {
                  (m.flipVertical() ? h - 1 - p : p) + m.top(),
                  (m.flip() ? w - 1 - q : q) + m.left()
                },
            warp(x, h, w, Geometry.of(Crop.WHOLE, m, 0, 1, 0, 0)));
      }
      assertMoved(
          "3 to the right and 2 up, of " + h + "x" + w,
          x,
          h,
          w,
          (p, q) -> new int[] {p + 2, q - 3},
          warp(x, h, w, Geometry.of(Crop.WHOLE, STAY, 0, 1, 3, -2)));
    }
  }

  @Test
  void quarterTurnsTransposeTheImage() {
    for (int side : new int[] {1, 8, 13, 32}) {
      float[] x = image(side, side, 3);
      Source[] turned = {
        (p, q) -> new int[] {p, q},
        (p, q) -> new int[] {q, side - 1 - p},
        (p, q) -> new int[] {side - 1 - p, side - 1 - q},
        (p, q) -> new int[] {side - 1 - q, p}
      };
      for (int quarter = 0; quarter < 4; quarter++) {
        assertMoved(
            90 * quarter + " degrees, side " + side,
            x,
            side,
            side,
            turned[quarter],
            warp(x, side, side, Geometry.of(Crop.WHOLE, STAY, 90 * quarter, 1, 0, 0)));
      }
    }
  }

  /**
   * Bilinear sampling keeps a plane a plane, so what is inside can be computed without sampling.
   */
  @Test
  void turnsScalesAndCropsTakeTheRightPlace() {
    int h = 21;
    int w = 30;
    float[] plane = new float[h * w];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = 0.01f * (i % w - 14.5f) + 0.3f * (i / w - 10);
    }
    double r = Math.toRadians(25);
    assertPlane(plane, h, w, Geometry.of(Crop.WHOLE, STAY, 0, 2, 0, 0), (x, y) -> at(x / 2, y / 2));
    assertPlane(
        plane,
        h,
        w,
        Geometry.of(Crop.WHOLE, STAY, 25, 1.25, 2.5, -1),
        (x, y) -> {
          // Back by the shift, by the turn and by the scale.
          double u = (x - 2.5) / 1.25;
          double v = (y + 1) / 1.25;
          return at(u * Math.cos(r) - v * Math.sin(r), u * Math.sin(r) + v * Math.cos(r));
        });
    assertPlane(
        plane,
        h,
        w,
        Geometry.of(new Crop(5, -3, 0.5, 0.4), new Move(0, 0, true, false), 0, 1, 0, 0),
        (x, y) -> at(5 - 0.5 * x, -3 + 0.4 * y));
  }

  private static double[] at(double x, double y) {
    return new double[] {x, y};
  }

  private interface Place {
    double[] of(double x, double y);
  }

  private void assertPlane(float[] plane, int h, int w, Geometry g, Place place) {
    float[] got = warp(plane, h, w, g);
    int inside = 0;
    for (int i = 0; i < got.length; i++) {
      double[] from = place.of(i % w - (w - 1) / 2.0, i / w - (h - 1) / 2.0);
      if (Math.abs(from[0]) < (w - 1) / 2.0 && Math.abs(from[1]) < (h - 1) / 2.0) {
        assertEquals(0.01 * from[0] + 0.3 * from[1], got[i], 2e-5, g + ", element " + i);
        inside++;
      }
    }
    assertTrue(inside > got.length / 2, inside + " pixels are inside");
  }

  private static DataLoader loader(Augmentation a, boolean shuffle, int batch, int workers) {
    var options = new DataLoader.Options(batch, shuffle, a, COLOURS, 77, workers, 2);
    return new DataLoader(new GeneratedShapes(30, 13, 4), options);
  }

  private static float[] images(Batch b, Device d) {
    try (Tensor t = b.images(d)) {
      return t.toArray();
    }
  }

  /** The image of each sample in an epoch, from a batch on. */
  private Map<Integer, float[]> bySample(DataLoader loader, int epoch, int first) {
    Map<Integer, float[]> all = new TreeMap<>();
    try (loader;
        DataLoader.Batches batches = loader.epoch(epoch, first)) {
      while (batches.hasNext()) {
        Batch b = batches.next();
        float[] x = images(b, device);
        int each = b.imageSize().bytes();
        for (int i = 0; i < b.size(); i++) {
          all.put(b.samples()[i], Arrays.copyOfRange(x, i * each, (i + 1) * each));
        }
      }
    }
    return all;
  }

  @Test
  void imagesDependNeitherOnBatchesNorOnOrderNorOnWorkers() {
    Map<Integer, float[]> expected = bySample(loader(ALL, false, 30, 1), 3, 0);
    assertEquals(30, expected.size());
    for (Map<Integer, float[]> got :
        List.of(
            bySample(loader(ALL, true, 8, 4), 3, 0),
            bySample(loader(ALL, true, 5, 2), 3, 2),
            bySample(loader(ALL, false, 7, 3), 3, 1))) {
      assertTrue(got.size() >= 20);
      got.forEach((i, x) -> assertArrayEquals(expected.get(i), x, "sample " + i));
    }
    Map<Integer, float[]> later = bySample(loader(ALL, false, 30, 1), 4, 0);
    expected.forEach((i, x) -> assertNotEquals(Arrays.hashCode(x), Arrays.hashCode(later.get(i))));
  }

  @Test
  void everyDeviceGivesTheSameBitsButForNoise() {
    Augmentation mixed = WITHOUT_NOISE.toBuilder().mixUp(0.5).cutMix(1).build();
    for (Augmentation a : List.of(WITHOUT_NOISE, mixed, Augmentation.STANDARD)) {
      try (DataLoader loader = loader(a, true, 10, 1);
          DataLoader.Batches batches = loader.epoch(1)) {
        Batch b = batches.next();
        assertArrayEquals(images(b, Devices.cpu()), images(b, device), a.toString());
        assertArrayEquals(images(b, device), images(b, device), "at the second call");
      }
    }
  }

  @Test
  void imagesAreThoseOfDoublePrecision() {
    Device precise = TestDevices.of(new ReferenceDriver("precise"));
    Augmentation mixed = ALL.toBuilder().mixUp(0.5).cutMix(1).build();
    try (DataLoader loader = loader(mixed, true, 10, 1);
        DataLoader.Batches batches = loader.epoch(2)) {
      Batch b = batches.next();
      assertArrayEquals(images(b, precise), images(b, device), 2e-5f);
    }
  }

  @Test
  void noiseHasItsDeviation() {
    Augmentation noisy = Augmentation.builder().noise(0.2).build();
    Map<Integer, float[]> with = bySample(loader(noisy, false, 30, 1), 0, 0);
    Map<Integer, float[]> without = bySample(loader(Augmentation.NONE, false, 30, 1), 0, 0);
    for (int i = 0; i < 30; i++) {
      double deviation = Colour.draw(noisy, new ImageNumbers(77, 0, i)).noise();
      double squares = 0;
      double sum = 0;
      float[] x = with.get(i);
      for (int k = 0; k < x.length; k++) {
        double z = (x[k] - without.get(i)[k]) * COLOURS.deviation().get(k % 3) / deviation;
        sum += z;
        squares += z * z;
      }
      assertEquals(0, sum / x.length, 5 / Math.sqrt(x.length), "mean of image " + i);
      assertEquals(1, squares / x.length, 7 / Math.sqrt(x.length), "variance of image " + i);
    }
  }

  @Test
  void mixedImagesAreMadeOfTwo() {
    for (Augmentation base : List.of(Augmentation.STANDARD, WITHOUT_NOISE)) {
      for (boolean cut : new boolean[] {false, true}) {
        Augmentation mixed = (cut ? base.toBuilder().cutMix(1) : base.toBuilder().mixUp(1)).build();
        try (DataLoader plain = loader(base, true, 6, 1);
            DataLoader loader = loader(mixed, true, 6, 1)) {
          Batch a = plain.epoch(0).next();
          Batch b = loader.epoch(0).next();
          assertArrayEquals(a.samples(), b.samples());
          assertTrue(b.isMixed() && !a.isMixed());
          assertMixed(mixed, a, images(a, device), images(b, device), b.probabilities());
        }
      }
    }
  }

  private static void assertMixed(
      Augmentation mixed, Batch plain, float[] own, float[] got, float[] probabilities) {
    ImageSize size = plain.imageSize();
    int n = plain.size();
    float[] expected = new float[n * 10];
    for (int i = 0; i < n; i++) {
      int next = (i + 1) % n;
      var numbers = new ImageNumbers(77, 0, plain.samples()[i]);
      Mixing.Draw d = Mixing.draw(mixed, size, numbers);
      for (int k = 0; k < size.bytes(); k++) {
        int p = k / 3 / size.width();
        int q = k / 3 % size.width();
        boolean box = p >= d.top() && p < d.bottom() && q >= d.left() && q < d.right();
        double u = box ? 1 : d.weight();
        double v = (1 - u) * own[i * size.bytes() + k] + u * own[next * size.bytes() + k];
        assertEquals(v, got[i * size.bytes() + k], u % 1 == 0 ? 0 : 1e-5, d + ", element " + k);
      }
      expected[10 * i + plain.labels()[i]] += 1 - d.share();
      expected[10 * i + plain.labels()[next]] += d.share();
    }
    assertArrayEquals(expected, probabilities);
  }

  @Test
  void anUnchangedImageIsTheNormalisedOne() {
    // Colours of deviation 0 make the device do it, the drawn changes being none.
    Augmentation still = Augmentation.builder().fill(0f, 0f, 0f).build();
    try (DataLoader loader = loader(still, false, 4, 1);
        DataLoader plain = loader(Augmentation.NONE, false, 4, 1)) {
      float[] expected = images(plain.epoch(0).next(), device);
      assertArrayEquals(expected, images(loader.epoch(0).next(), device), 2e-6f);
    }
  }
}
