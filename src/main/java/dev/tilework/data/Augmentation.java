package dev.tilework.data;

import java.util.Random;

/**
 * Random changes of training images that keep their class.
 *
 * @param horizontalFlip whether half of the images are mirrored
 * @param cropPadding pixels by which an image may move in each direction; what moves in has the
 *     mean colour
 */
public record Augmentation(boolean horizontalFlip, int cropPadding) {
  /** No change. */
  public static final Augmentation NONE = new Augmentation(false, 0);

  /** Mirroring, and crops of images padded by 4: usual for 32x32 images. */
  public static final Augmentation STANDARD = new Augmentation(true, 4);

  /** Checks the padding. */
  public Augmentation {
    if (cropPadding < 0) {
      throw new IllegalArgumentException(
          "augmentation: crop padding " + cropPadding + ", expected at least 0");
    }
  }

  /** What happens to one image: row and column of the crop relative to the image, and mirroring. */
  record Draw(int top, int left, boolean flip) {}

  Draw draw(Random random) {
    int range = 2 * cropPadding + 1;
    int top = random.nextInt(range) - cropPadding;
    int left = random.nextInt(range) - cropPadding;
    return new Draw(top, left, horizontalFlip && random.nextBoolean());
  }

  /** Writes the changed, normalised image; {@code out} holds zeros at its place. */
  static void write(
      byte[] pixels, ImageSize size, Draw draw, float[][] table, float[] out, int offset) {
    int w = size.width();
    int channels = size.channels();
    int firstX = Math.max(0, -draw.left());
    int lastX = Math.min(w, w - draw.left());
    for (int y = 0; y < size.height(); y++) {
      int sourceY = y + draw.top();
      if (sourceY < 0 || sourceY >= size.height()) {
        continue;
      }
      for (int x = firstX; x < lastX; x++) {
        int from = (sourceY * w + x + draw.left()) * channels;
        int to = offset + (y * w + (draw.flip() ? w - 1 - x : x)) * channels;
        for (int c = 0; c < channels; c++) {
          out[to + c] = table[c][pixels[from + c] & 0xFF];
        }
      }
    }
  }
}
