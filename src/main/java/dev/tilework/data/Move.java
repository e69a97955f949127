package dev.tilework.data;

import dev.tilework.data.ImageNumbers.Use;

/**
 * What happens to an image whose pixels remain what they are: the row and column of the crop
 * relative to the image, and mirroring of what was cropped.
 *
 * @param top rows by which the crop begins below the image's first
 * @param left columns likewise
 * @param flip left to right
 * @param flipVertical top to bottom
 */
record Move(int top, int left, boolean flip, boolean flipVertical) {
  static Move draw(Augmentation a, ImageNumbers r) {
    int range = 2 * a.cropPadding() + 1;
    return new Move(
        r.below(Use.TOP, range) - a.cropPadding(),
        r.below(Use.LEFT, range) - a.cropPadding(),
        a.horizontalFlip() && r.coin(Use.FLIP),
        a.verticalFlip() && r.coin(Use.FLIP_VERTICAL));
  }

  /**
   * Writes the changed, normalised image; {@code out} holds zeros at its place.
   *
   * @param table the normalised value of each channel and byte
   */
  void write(byte[] pixels, ImageSize size, float[][] table, float[] out, int offset) {
    int h = size.height();
    int w = size.width();
    int channels = size.channels();
    int firstX = Math.max(0, -left);
    int lastX = Math.min(w, w - left);
    for (int y = 0; y < h; y++) {
      int sourceY = y + top;
      if (sourceY < 0 || sourceY >= h) {
        continue;
      }
      int row = offset + (flipVertical ? h - 1 - y : y) * w * channels;
      for (int x = firstX; x < lastX; x++) {
        int from = (sourceY * w + x + left) * channels;
        int to = row + (flip ? w - 1 - x : x) * channels;
        for (int c = 0; c < channels; c++) {
          out[to + c] = table[c][pixels[from + c] & 0xFF];
        }
      }
    }
  }
}
