package dev.tilework.data;

/**
 * The extents of an image.
 *
 * @param height rows
 * @param width columns
 * @param channels 3 for RGB
 */
public record ImageSize(int height, int width, int channels) {
  /** Checks the extents. */
  public ImageSize {
    if (height < 1 || width < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "image size " + height + "x" + width + "x" + channels + ", expected positive extents");
    }
  }

  /** A square RGB image. */
  public static ImageSize square(int side) {
    return new ImageSize(side, side, 3);
  }

  /** The bytes of one image. */
  public int bytes() {
    return Math.multiplyExact(Math.multiplyExact(height, width), channels);
  }
}
