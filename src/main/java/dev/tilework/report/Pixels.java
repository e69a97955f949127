package dev.tilework.report;

import dev.tilework.data.ImageSize;
import dev.tilework.nn.HeatMap;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Images inside of the page. */
final class Pixels {
  /** As large as a thumbnail needs to be on a fine screen. */
  private static final int MOST = 224;

  /** What a heat map needs to be smooth. */
  private static final int LEAST = 128;

  /** Up to so many rows and columns images are kept exactly. */
  private static final int EXACT = 64;

  private static final float QUALITY = 0.85f;

  /** From no heat to the most: points of the colour map "inferno". */
  private static final int[] HEAT = {0x000004, 0x420A68, 0x932667, 0xDD513A, 0xFCA50A, 0xFCFFA4};

  private Pixels() {}

  /** An image, made smaller where it is larger than a thumbnail; the page enlarges small ones. */
  static BufferedImage thumbnail(byte[] pixels, ImageSize size) {
    if (size.channels() != 3 && size.channels() != 1) {
      throw new IllegalArgumentException(
          "report: images of " + size.channels() + " channels cannot be shown, expected 1 or 3");
    }
    double scale = Math.min(1, (double) MOST / Math.max(size.height(), size.width()));
    int height = Math.max(1, (int) Math.round(size.height() * scale));
    int width = Math.max(1, (int) Math.round(size.width() * scale));
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, mean(pixels, size, y, x, height, width));
      }
    }
    return image;
  }

  /** The mean of the pixels that fall on one of the thumbnail. */
  private static int mean(byte[] pixels, ImageSize s, int row, int column, int height, int width) {
    int top = row * s.height() / height;
    int bottom = Math.max(top + 1, (row + 1) * s.height() / height);
    int left = column * s.width() / width;
    int right = Math.max(left + 1, (column + 1) * s.width() / width);
    int rgb = 0;
    for (int c = 0; c < 3; c++) {
      int sum = 0;
      for (int y = top; y < bottom; y++) {
        for (int x = left; x < right; x++) {
          sum += pixels[(y * s.width() + x) * s.channels() + c % s.channels()] & 0xFF;
        }
      }
      int n = (bottom - top) * (right - left);
      rgb = rgb << 8 | (sum + n / 2) / n;
    }
    return rgb;
  }

  /** A heat map over a darkened thumbnail, enlarged by a whole number where it is small. */
  static BufferedImage overlay(BufferedImage thumbnail, HeatMap map) {
    int times =
        Math.max(1, Math.ceilDiv(LEAST, Math.max(thumbnail.getWidth(), thumbnail.getHeight())));
    int w = times * thumbnail.getWidth();
    int h = times * thumbnail.getHeight();
    HeatMap heat = map.normalized().resized(h, w);
    BufferedImage image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        double v = heat.at(y, x);
        image.setRGB(
            x, y, blend(thumbnail.getRGB(x / times, y / times), colour(v), 0.35 + 0.35 * v));
      }
    }
    return image;
  }

  private static int colour(double v) {
    double place = Math.clamp(v, 0, 1) * (HEAT.length - 1);
    int i = Math.min((int) place, HEAT.length - 2);
    return blend(HEAT[i], HEAT[i + 1], place - i);
  }

  /** One colour and a share of another. */
  static int blend(int a, int b, double share) {
    int rgb = 0;
    for (int shift = 16; shift >= 0; shift -= 8) {
      double from = a >> shift & 0xFF;
      double to = b >> shift & 0xFF;
      rgb |= (int) Math.round(from + share * (to - from)) << shift;
    }
    return rgb;
  }

  /** An image as the page holds it: exactly where it has few pixels, else as a photograph. */
  static String dataUri(BufferedImage image) {
    boolean few = Math.max(image.getWidth(), image.getHeight()) <= EXACT;
    return few ? png(image) : jpeg(image);
  }

  static String png(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture cannot be written as PNG", e);
    }
    return uri("png", out);
  }

  private static String jpeg(BufferedImage image) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
      ImageWriteParam p = writer.getDefaultWriteParam();
      p.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      p.setCompressionQuality(QUALITY);
      writer.setOutput(stream);
      writer.write(null, new IIOImage(image, null, null), p);
    } catch (IOException e) {
      throw new UncheckedIOException("a picture cannot be written as JPEG", e);
    } finally {
      writer.dispose();
    }
    return uri("jpeg", out);
  }

  private static String uri(String kind, ByteArrayOutputStream out) {
    return "data:image/"
        + kind
        + ";base64,"
        + Base64.getEncoder().encodeToString(out.toByteArray());
  }
}
