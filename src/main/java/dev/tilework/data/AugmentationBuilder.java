package dev.tilework.data;

import dev.tilework.data.Augmentation.Range;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts an {@link Augmentation} together, as in {@code
 * Augmentation.builder().flip().rotate(15).brightness(0.2).build()}. Each method replaces what was
 * said before of the same change; {@link Augmentation} says what the numbers mean.
 */
public final class AugmentationBuilder {
  private boolean horizontalFlip;
  private boolean verticalFlip;
  private int cropPadding;
  private Range cropArea = Range.ONE;
  private Range cropAspect = new Range(3 / 4.0, 4 / 3.0);
  private double rotation;
  private double translation;
  private Range scale = Range.ONE;
  private double brightness;
  private double contrast;
  private double saturation;
  private double noise;
  private double mixUp;
  private double cutMix;
  private double mixed = 1;
  private List<Float> fill = List.of();

  AugmentationBuilder() {}

  AugmentationBuilder(Augmentation a) {
    horizontalFlip = a.horizontalFlip();
    verticalFlip = a.verticalFlip();
    cropPadding = a.cropPadding();
    cropArea = a.cropArea();
    cropAspect = a.cropAspect();
    rotation = a.rotation();
    translation = a.translation();
    scale = a.scale();
    brightness = a.brightness();
    contrast = a.contrast();
    saturation = a.saturation();
    noise = a.noise();
    mixUp = a.mixUp();
    cutMix = a.cutMix();
    mixed = a.mixed();
    fill = a.fill();
  }

  /** Half of the images are mirrored, left to right. */
  public AugmentationBuilder flip() {
    return flip(true);
  }

  /** Whether half of the images are mirrored, left to right. */
  public AugmentationBuilder flip(boolean wanted) {
    horizontalFlip = wanted;
    return this;
  }

  /** Half of the images are mirrored, top to bottom. */
  public AugmentationBuilder flipVertical() {
    return flipVertical(true);
  }

  /** Whether half of the images are mirrored, top to bottom. */
  public AugmentationBuilder flipVertical(boolean wanted) {
    verticalFlip = wanted;
    return this;
  }

  /** Images move by up to so many whole pixels in each direction. */
  public AugmentationBuilder crop(int padding) {
    cropPadding = padding;
    return this;
  }

  /** A part of the image, with a share of its area from {@code low} to {@code high}, is scaled. */
  public AugmentationBuilder resizedCrop(double low, double high) {
    cropArea = new Range(low, high);
    return this;
  }

  /** The ratio of width to height that the part has; 3/4 to 4/3 if not given. */
  public AugmentationBuilder cropAspect(double low, double high) {
    cropAspect = new Range(low, high);
    return this;
  }

  /** Images turn by up to so many degrees, either way. */
  public AugmentationBuilder rotate(double degrees) {
    rotation = degrees;
    return this;
  }

  /** Images move by up to this share of their width and height, either way. */
  public AugmentationBuilder translate(double share) {
    translation = share;
    return this;
  }

  /** Images grow by a factor from {@code low} to {@code high}. */
  public AugmentationBuilder scale(double low, double high) {
    scale = new Range(low, high);
    return this;
  }

  /** Values are multiplied by 1 - share to 1 + share. */
  public AugmentationBuilder brightness(double share) {
    brightness = share;
    return this;
  }

  /** Differences from the mean colour are multiplied by 1 - share to 1 + share. */
  public AugmentationBuilder contrast(double share) {
    contrast = share;
    return this;
  }

  /** Differences from a pixel's grey are multiplied by 1 - share to 1 + share. */
  public AugmentationBuilder saturation(double share) {
    saturation = share;
    return this;
  }

  /** Normal noise is added, its deviation up to this share of 255. */
  public AugmentationBuilder noise(double deviation) {
    noise = deviation;
    return this;
  }

  /** Images are blended with another one, their weights from Beta(alpha, alpha). */
  public AugmentationBuilder mixUp(double alpha) {
    mixUp = alpha;
    return this;
  }

  /** A box of the image is another one's, the box's area from Beta(alpha, alpha). */
  public AugmentationBuilder cutMix(double alpha) {
    cutMix = alpha;
    return this;
  }

  /** The share of images that MixUp and CutMix change; all if not given. */
  public AugmentationBuilder mixed(double share) {
    mixed = share;
    return this;
  }

  /** The colour of what moves in, each channel as a share of 255; none for the mean colour. */
  public AugmentationBuilder fill(float... colour) {
    List<Float> values = new ArrayList<>(colour.length);
    for (float v : colour) {
      values.add(v);
    }
    fill = values;
    return this;
  }

  /**
   * The augmentation.
   *
   * @throws IllegalArgumentException naming the number that is out of its range
   */
  public Augmentation build() {
    return new Augmentation(
        horizontalFlip,
        verticalFlip,
        cropPadding,
        cropArea,
        cropAspect,
        rotation,
        translation,
        scale,
        brightness,
        contrast,
        saturation,
        noise,
        mixUp,
        cutMix,
        mixed,
        fill);
  }
}
