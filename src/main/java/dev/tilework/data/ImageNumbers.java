package dev.tilework.data;

import dev.tilework.kernels.Philox4x32;

/**
 * Random numbers for one image in one epoch, by Philox4x32-10 (Salmon et al., 2011): a number
 * depends on the seed, the epoch, the image and what it is for, so it is the same whoever asks for
 * it and in whatever order, and a further kind of change leaves the others' numbers as they were.
 */
final class ImageNumbers {
  /** Tells these counters from those of {@link #noiseStream}. */
  private static final int DRAWS = 0x61756731;

  private static final int NOISE = 0x61756732;

  /** What a number is for. New ones are added at the end. */
  enum Use {
    TOP,
    LEFT,
    FLIP,
    FLIP_VERTICAL,
    CROP_AREA,
    CROP_ASPECT,
    CROP_X,
    CROP_Y,
    ROTATION,
    TRANSLATION_X,
    TRANSLATION_Y,
    SCALE,
    BRIGHTNESS,
    CONTRAST,
    SATURATION,
    NOISE,
    MIXED,
    MIX_KIND,
    MIX_WEIGHT,
    MIX_WEIGHT_TRIAL,
    BOX_X,
    BOX_Y
  }

  private final long seed;
  private final int epoch;
  private final int image;

  ImageNumbers(long seed, int epoch, int image) {
    this.seed = seed;
    this.epoch = epoch;
    this.image = image;
  }

  /** The stream of an epoch's noise, in which an image has its own numbers. */
  static long noiseStream(int epoch) {
    return (long) NOISE << 32 | epoch & 0xFFFFFFFFL;
  }

  /** Uniform in [0, 1). */
  double uniform(Use use) {
    return uniform(use, 0);
  }

  /** Uniform in [0, 1), another number for each trial. */
  double uniform(Use use, int trial) {
    long bits = block(seed, use.ordinal() | trial << 8, image, epoch, DRAWS);
    return (bits >>> 11) * 0x1p-53;
  }

  /** Uniform in [-most, most). */
  double around(Use use, double most) {
    return most * (2 * uniform(use) - 1);
  }

  /** A whole number from 0 to below n. */
  int below(Use use, int n) {
    return (int) (n * uniform(use));
  }

  /** One of two with equal chance. */
  boolean coin(Use use) {
    return uniform(use) < 0.5;
  }

  /**
   * From Beta(alpha, alpha). Up to 1 by Joehnk's method (1964), in logarithms, since powers of 1 /
   * alpha may vanish; above by rejection below the uniform density's multiple that touches it.
   */
  double beta(double alpha) {
    for (int trial = 0; ; trial++) {
      double u = uniform(Use.MIX_WEIGHT, trial);
      double v = uniform(Use.MIX_WEIGHT_TRIAL, trial);
      if (alpha > 1) {
        if (v < StrictMath.pow(4 * u * (1 - u), alpha - 1)) {
          return u;
        }
        continue;
      }
      double a = StrictMath.log(1 - u) / alpha;
      double b = StrictMath.log(1 - v) / alpha;
      double most = Math.max(a, b);
      double sum = StrictMath.exp(a - most) + StrictMath.exp(b - most);
      if (most + StrictMath.log(sum) <= 0) {
        return StrictMath.exp(a - most) / sum;
      }
    }
  }

  /** The first two words of a block. */
  static long block(long seed, int c0, int c1, int c2, int c3) {
    int[] words = new int[4];
    Philox4x32.block(c0, c1, c2, c3, (int) seed, (int) (seed >>> 32), words, 0);
    return (long) words[1] << 32 | words[0] & 0xFFFFFFFFL;
  }
}
