package dev.tilework.data;

import java.nio.file.Path;

/**
 * From an image file to a network's input.
 *
 * @param scaling before the centre is cut out; null where images are scaled until they just cover
 *     the size, see {@link ImageFiles#read(Path, ImageSize)}
 * @param imageSize rows, columns and channels of what is cut out
 * @param normalization from bytes to numbers
 */
public record Preprocessing(Scaling scaling, ImageSize imageSize, Normalization normalization) {
  /** Checks that what is cut out is there and has the channels of the normalization. */
  public Preprocessing {
    if (scaling != null
        && scaling.shorterSide() < Math.max(imageSize.height(), imageSize.width())) {
      throw new IllegalArgumentException(
          "preprocessing: images scaled to a shorter side of "
              + scaling.shorterSide()
              + " have no "
              + imageSize
              + " to cut out");
    }
    if (imageSize.channels() != normalization.channels()) {
      throw new IllegalArgumentException(
          "preprocessing: images " + imageSize + ", but " + normalization);
    }
  }

  /** Images scaled until they just cover a size. */
  public static Preprocessing covering(ImageSize size, Normalization normalization) {
    return new Preprocessing(null, size, normalization);
  }

  /**
   * The bytes of a file, rows x columns x channels, before the normalization.
   *
   * @throws CorruptImageException when the file cannot be read, is no image, or is cut off
   */
  public byte[] pixels(Path file) {
    return ImageFiles.read(file, imageSize, scaling);
  }

  /**
   * The numbers of a file, rows x columns x channels.
   *
   * @throws CorruptImageException when the file cannot be read, is no image, or is cut off
   */
  public float[] read(Path file) {
    return normalization.apply(pixels(file));
  }
}
