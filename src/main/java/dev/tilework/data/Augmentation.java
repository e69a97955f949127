package dev.tilework.data;

import java.util.List;

/**
 * Random changes of training images that keep their class, or mix it with another's.
 *
 * <p>What happens to an image is drawn from the loader's seed, the epoch and the image's place in
 * the data set, and from nothing else. In this order: a crop (whole pixels, or a part of the image
 * that is scaled to all of it), mirroring, rotation and scaling about the centre, translation;
 * brightness, contrast, saturation; noise; MixUp or CutMix with the next image of the batch. All of
 * the first is one pass on the device ({@link dev.tilework.kernels.ImageOp.Warp}), bilinear; what
 * is but mirrored and moved by whole pixels keeps its values exactly. Values are not clipped to
 * those that a byte can have.
 *
 * @param horizontalFlip whether half of the images are mirrored, left to right
 * @param verticalFlip whether half of the images are mirrored, top to bottom
 * @param cropPadding pixels by which an image may move in each direction
 * @param cropArea the share of the image's area that a random part has, which is scaled to the
 *     image's size; 1 to 1 for none (Szegedy et al., "Going deeper with convolutions", 2015)
 * @param cropAspect the ratio of that part's width to its height, relative to the image's
 * @param rotation the most degrees by which an image is turned, either way
 * @param translation the largest share of width and height by which an image moves, either way
 * @param scale the factor by which an image grows
 * @param brightness values are multiplied by up to 1 plus or minus this
 * @param contrast so are their differences from the mean colour
 * @param saturation so are their differences from the pixel's grey; for images of three channels
 * @param noise the largest standard deviation of what is added to each value, as a share of 255
 * @param mixUp alpha of the Beta distribution of MixUp's weights (Zhang et al., 2018); 0 for none
 * @param cutMix the same of CutMix (Yun et al., 2019); where both are above 0 each image has either
 *     of them with equal chance
 * @param mixed the share of images that are mixed, where {@code mixUp} or {@code cutMix} is above 0
 * @param fill the colour of what moves in, each channel as a share of 255; empty for the mean
 *     colour, which the normalization makes 0
 */
public record Augmentation(
    boolean horizontalFlip,
    boolean verticalFlip,
    int cropPadding,
    Range cropArea,
    Range cropAspect,
    double rotation,
    double translation,
    Range scale,
    double brightness,
    double contrast,
    double saturation,
    double noise,
    double mixUp,
    double cutMix,
    double mixed,
    List<Float> fill) {
  /** No change. */
  public static final Augmentation NONE = builder().build();

  /** Mirroring, and crops of images padded by 4: usual for 32x32 images. */
  public static final Augmentation STANDARD = builder().flip().crop(4).build();

  /** Mirroring, some rotation, translation, scaling, colour and noise. */
  public static final Augmentation STRONG =
      builder()
          .flip()
          .rotate(15)
          .translate(0.1)
          .scale(0.8, 1.2)
          .brightness(0.3)
          .contrast(0.3)
          .saturation(0.3)
          .noise(0.03)
          .build();

  /**
   * What a number is drawn from, uniformly.
   *
   * @param low the least
   * @param high the most
   */
  public record Range(double low, double high) {
    static final Range ONE = new Range(1, 1);

    /** Checks that it is not empty. */
    public Range {
      if (!(low > 0 && low <= high && high < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "augmentation: range " + low + " to " + high + ", expected 0 < low <= high");
      }
    }

    double at(double part) {
      return low + (high - low) * part;
    }

    @Override
    public String toString() {
      return low + " to " + high;
    }
  }

  /** Checks the numbers. */
  public Augmentation {
    fill = List.copyOf(fill);
    require(cropPadding >= 0, "crop padding " + cropPadding, "at least 0");
    require(cropArea.high() <= 1, "crop of an area of " + cropArea, "at most 1");
    require(rotation >= 0 && rotation <= 180, "rotation by " + rotation, "0 to 180 degrees");
    requireShare(translation, "translation by ");
    requireShare(brightness, "brightness ");
    requireShare(contrast, "contrast ");
    requireShare(saturation, "saturation ");
    requireShare(noise, "noise of deviation ");
    requireShare(mixed, "share of mixed images ");
    require(mixUp >= 0 && mixUp < 1e6, "MixUp's alpha " + mixUp, "at least 0");
    require(cutMix >= 0 && cutMix < 1e6, "CutMix's alpha " + cutMix, "at least 0");
    require(fill.stream().allMatch(Float::isFinite), "fill " + fill, "finite numbers");
  }

  private static void requireShare(double v, String what) {
    require(v >= 0 && v <= 1, what + v, "0 to 1");
  }

  private static void require(boolean condition, String got, String expected) {
    if (!condition) {
      throw new IllegalArgumentException("augmentation: " + got + ", expected " + expected);
    }
  }

  /** Names changes one by one, beginning with none. */
  public static AugmentationBuilder builder() {
    return new AugmentationBuilder();
  }

  /** These changes, to be followed by others or replaced. */
  public AugmentationBuilder toBuilder() {
    return new AugmentationBuilder(this);
  }

  /** Whether it does more than what {@link Move} can. */
  boolean warps() {
    return !cropArea.equals(Range.ONE)
        || rotation != 0
        || translation != 0
        || !scale.equals(Range.ONE)
        || brightness != 0
        || contrast != 0
        || saturation != 0
        || noise != 0
        || !fill.isEmpty();
  }

  /** Whether images are mixed with others. */
  public boolean mixes() {
    return mixed > 0 && (mixUp > 0 || cutMix > 0);
  }

  /** Checks that images of so many channels have the colours it speaks of. */
  void requireChannels(int channels) {
    require(
        saturation == 0 || channels == 3,
        "saturation of images of " + channels + " channels",
        "3 channels");
    require(
        fill.isEmpty() || fill.size() == channels,
        "fill " + fill + " for images of " + channels + " channels",
        "a number for each channel");
  }
}
