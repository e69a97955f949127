package dev.tilework.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFilesTest {
  @TempDir Path folder;

  @Test
  void pngOfTheSameSizeIsReadExactly() throws Exception {
    Random random = new Random(5);
    BufferedImage image = new BufferedImage(7, 5, BufferedImage.TYPE_INT_RGB);
    byte[] expected = new byte[5 * 7 * 3];
    random.nextBytes(expected);
    for (int i = 0; i < 35; i++) {
      int rgb =
          (expected[3 * i] & 0xFF) << 16
              | (expected[3 * i + 1] & 0xFF) << 8
              | expected[3 * i + 2] & 0xFF;
      image.setRGB(i % 7, i / 7, rgb);
    }
    Path file = Pictures.write(folder.resolve("a.png"), image);
    assertEquals(
        Arrays.toString(expected), Arrays.toString(ImageFiles.read(file, new ImageSize(5, 7, 3))));
  }

  @ParameterizedTest
  @CsvSource({"64,64", "100,40", "40,100", "16,16", "33,31", "32,200"})
  void otherSizesAreScaledAndCut(int width, int height) throws Exception {
    Path file = Pictures.plain(folder.resolve("a.png"), width, height, 0x20A0F0);
    byte[] pixels = ImageFiles.read(file, ImageSize.square(32));
    assertEquals(32 * 32 * 3, pixels.length);
    for (int i = 0; i < pixels.length; i += 3) {
      assertEquals(0x20, pixels[i] & 0xFF);
      assertEquals(0xA0, pixels[i + 1] & 0xFF);
      assertEquals(0xF0, pixels[i + 2] & 0xFF);
    }
  }

  @Test
  void theCentreIsCutOut() throws Exception {
    BufferedImage image = new BufferedImage(96, 32, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 32; y++) {
      for (int x = 32; x < 64; x++) {
        image.setRGB(x, y, 0xFFFFFF);
      }
    }
    byte[] pixels =
        ImageFiles.read(Pictures.write(folder.resolve("a.png"), image), ImageSize.square(32));
    for (byte p : pixels) {
      assertEquals(255, p & 0xFF);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.png", "a.jpg"})
  void greyKeepsItsValues(String name) throws Exception {
    BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_BYTE_GRAY);
    int[] values = new int[32 * 32];
    Arrays.fill(values, 100);
    image.getRaster().setSamples(0, 0, 32, 32, 0, values);
    byte[] pixels =
        ImageFiles.read(Pictures.write(folder.resolve(name), image), ImageSize.square(32));
    assertEquals(32 * 32 * 3, pixels.length);
    for (byte p : pixels) {
      assertEquals(100, p & 0xFF);
    }
  }

  @Test
  void transparentPixelsAreWhite() throws Exception {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFF0000FF);
    byte[] pixels =
        ImageFiles.read(Pictures.write(folder.resolve("a.png"), image), ImageSize.square(8));
    assertEquals(0, pixels[0] & 0xFF);
    assertEquals(255, pixels[2] & 0xFF);
    for (int i = 3; i < pixels.length; i++) {
      assertEquals(255, pixels[i] & 0xFF);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jpg", "png"})
  void aFileThatIsCutOffIsCorrupt(String format) throws Exception {
    BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(1);
    for (int i = 0; i < 64 * 64; i++) {
      image.setRGB(i % 64, i / 64, random.nextInt(1 << 24));
    }
    Path file = Pictures.write(folder.resolve("a." + format), image);
    byte[] bytes = Files.readAllBytes(file);
    ImageFiles.read(file, ImageSize.square(32));
    for (int percent : new int[] {0, 1, 10, 50, 90}) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length * percent / 100));
      CorruptImageException e =
          assertThrows(
              CorruptImageException.class,
              () -> ImageFiles.read(file, ImageSize.square(32)),
              percent + " % of the file");
      assertEquals(file.toString(), e.image());
      assertTrue(e.getMessage().contains(e.reason()) && !e.reason().isBlank(), e.getMessage());
    }
  }

  @Test
  void changedBytesNeverEndInAnotherException() throws Exception {
    BufferedImage image = new BufferedImage(24, 24, BufferedImage.TYPE_INT_RGB);
    Random random = new Random(2);
    for (String format : new String[] {"jpg", "png"}) {
      Path file = Pictures.write(folder.resolve("a." + format), image);
      byte[] bytes = Files.readAllBytes(file);
      int corrupt = 0;
      for (int i = 0; i < 300; i++) {
        byte[] changed = bytes.clone();
        for (int j = 0; j < 3; j++) {
          changed[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        Files.write(file, changed);
        try {
          assertEquals(24 * 24 * 3, ImageFiles.read(file, ImageSize.square(24)).length);
        } catch (CorruptImageException e) {
          corrupt++;
        }
      }
      assertTrue(corrupt > 30, format + ": only " + corrupt + " of 300 were noticed");
    }
  }

  @Test
  void textIsNoImage() throws Exception {
    Path file = Files.writeString(folder.resolve("a.jpg"), "not an image at all");
    CorruptImageException e =
        assertThrows(CorruptImageException.class, () -> ImageFiles.read(file, ImageSize.square(8)));
    assertTrue(e.reason().contains("not an image"), e.reason());
  }

  @Test
  void aClaimOfHugeSizeIsRefused() throws Exception {
    Path file = Pictures.plain(folder.resolve("a.png"), 8, 8, 0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[18] = (byte) 0xFF; // The IHDR chunk holds the width at 16 and the height at 20.
    bytes[22] = (byte) 0xFF;
    Files.write(file, bytes);
    CorruptImageException e =
        assertThrows(CorruptImageException.class, () -> ImageFiles.read(file, ImageSize.square(8)));
    assertTrue(e.reason().contains("pixels"), e.reason());
  }
}
