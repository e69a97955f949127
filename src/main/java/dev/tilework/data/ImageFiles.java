package dev.tilework.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Reads image files. An image of another size is scaled, keeping its proportions, until it covers
 * the wanted size, and its centre is cut out. Grey images get three equal channels; transparent
 * ones are laid on white. The orientation that cameras note in EXIF is not applied.
 */
public final class ImageFiles {
  /** Larger images are refused: a small file can claim any size and exhaust the memory. */
  private static final long MAX_PIXELS = 1L << 27;

  private ImageFiles() {}

  /**
   * The pixels of a JPEG or PNG file as RGB bytes, rows x columns x channels.
   *
   * @throws CorruptImageException when the file cannot be read, is no image, or is cut off
   */
  public static byte[] read(Path file, ImageSize size) {
    return read(file, size, null);
  }

  /** As above, but scaled in another way unless that is null. */
  static byte[] read(Path file, ImageSize size, Scaling scaling) {
    if (size.channels() != 3) {
      throw new IllegalArgumentException("image files are read as 3 channels, not " + size);
    }
    try {
      BufferedImage image = decode(Files.readAllBytes(file));
      return scaling == null
          ? rgb(fit(image, size.width(), size.height()))
          : cut(opaque(image), size, scaling);
    } catch (IOException | RuntimeException e) {
      // The decoders of the JDK answer some malformed files with unchecked exceptions.
      String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
      throw new CorruptImageException(file.toString(), reason, e);
    }
  }

  private static BufferedImage decode(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      throw new IOException("the file is empty");
    }
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IOException("not an image of a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
          throw new IOException(pixels + " pixels, at most " + MAX_PIXELS + " are read");
        }
        String[] cutOff = new String[1];
        reader.addIIOReadWarningListener(
            (source, warning) -> {
              if (warning.contains("Truncated") || warning.contains("Premature end")) {
                cutOff[0] = warning;
              }
            });
        BufferedImage image = reader.read(0);
        if (cutOff[0] != null) {
          throw new IOException("the file is cut off: " + cutOff[0]);
        }
        return image;
      } finally {
        reader.dispose();
      }
    }
  }

  private static BufferedImage fit(BufferedImage source, int width, int height) {
    BufferedImage image = opaque(source);
    // Bilinear scaling reads 2x2 pixels: going below a half in one step would skip pixels.
    while (image.getWidth() >= 2 * width && image.getHeight() >= 2 * height) {
      image = scaled(image, image.getWidth() / 2, image.getHeight() / 2);
    }
    double scale = Math.max(width / (double) image.getWidth(), height / (double) image.getHeight());
    int w = Math.max(width, (int) Math.round(image.getWidth() * scale));
    int h = Math.max(height, (int) Math.round(image.getHeight() * scale));
    if (w != image.getWidth() || h != image.getHeight()) {
      image = scaled(image, w, h);
    }
    return image.getSubimage((w - width) / 2, (h - height) / 2, width, height);
  }

  /** The longer side is rounded down and the middle to the even pixel, as torchvision does. */
  private static byte[] cut(BufferedImage image, ImageSize size, Scaling scaling) {
    int w = image.getWidth();
    int h = image.getHeight();
    int shorter = scaling.shorterSide();
    int outW = w <= h ? shorter : (int) ((long) shorter * w / h);
    int outH = w <= h ? (int) ((long) shorter * h / w) : shorter;
    if ((long) w * outH > MAX_PIXELS || (long) outW * outH > MAX_PIXELS) {
      throw new IllegalArgumentException(
          "an image of "
              + w
              + "x"
              + h
              + " has too many pixels once scaled to "
              + outW
              + "x"
              + outH);
    }
    byte[] scaled = Resampling.scale(rgb(image), h, w, outH, outW, scaling.filter());
    int top = (int) Math.rint((outH - size.height()) / 2.0);
    int left = (int) Math.rint((outW - size.width()) / 2.0);
    byte[] out = new byte[size.bytes()];
    int row = size.width() * 3;
    for (int y = 0; y < size.height(); y++) {
      System.arraycopy(scaled, ((top + y) * outW + left) * 3, out, y * row, row);
    }
    return out;
  }

  private static BufferedImage opaque(BufferedImage source) {
    if (source.getType() == BufferedImage.TYPE_INT_RGB
        || source.getType() == BufferedImage.TYPE_3BYTE_BGR) {
      return source;
    }
    if (source.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY
        && source.getRaster().getNumBands() <= 2) {
      return grey(source);
    }
    BufferedImage image =
        new BufferedImage(source.getWidth(), source.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.drawImage(source, 0, 0, Color.WHITE, null);
    g.dispose();
    return image;
  }

  /** Copies the stored values: drawing would take them for linear light and brighten them. */
  private static BufferedImage grey(BufferedImage source) {
    int w = source.getWidth();
    int h = source.getHeight();
    BufferedImage image = new BufferedImage(w, h, BufferedImage.TYPE_INT_RGB);
    Raster raster = source.getRaster();
    boolean transparent = raster.getNumBands() == 2;
    int max = (1 << source.getColorModel().getComponentSize(0)) - 1;
    int[] values = new int[w];
    int[] alpha = new int[w];
    Arrays.fill(alpha, max);
    for (int y = 0; y < h; y++) {
      raster.getSamples(0, y, w, 1, 0, values);
      if (transparent) {
        raster.getSamples(0, y, w, 1, 1, alpha);
      }
      for (int x = 0; x < w; x++) {
        double a = alpha[x] / (double) max;
        double v = a * values[x] / max + (1 - a);
        values[x] = (int) Math.round(255 * v) * 0x010101;
      }
      image.setRGB(0, y, w, 1, values, 0, w);
    }
    return image;
  }

  private static BufferedImage scaled(BufferedImage source, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    g.drawImage(source, 0, 0, width, height, null);
    g.dispose();
    return image;
  }

  private static byte[] rgb(BufferedImage image) {
    int w = image.getWidth();
    int h = image.getHeight();
    int[] argb = image.getRGB(0, 0, w, h, null, 0, w);
    byte[] out = new byte[argb.length * 3];
    for (int i = 0; i < argb.length; i++) {
      out[3 * i] = (byte) (argb[i] >> 16);
      out[3 * i + 1] = (byte) (argb[i] >> 8);
      out[3 * i + 2] = (byte) argb[i];
    }
    return out;
  }
}
