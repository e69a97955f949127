package dev.tilework.cli;

import dev.tilework.data.Augmentation;
import dev.tilework.data.AugmentationBuilder;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** How images are changed at random: a policy by its name, and options that replace parts of it. */
final class AugmentOptions {
  static final String HEADING = "%nRandom changes of images:%n";

  /** The side of the images for which policies name pixels. */
  private static final int SIDE = 32;

  @Option(
      names = {"--augment", "--policy"},
      paramLabel = "<policy>",
      description =
          "none, standard (mirroring, and moving by 1/8), or strong (also rotation, scaling, colour"
              + " and noise); what follows replaces parts of it. Default: standard; for generated"
              + " images mirroring alone.")
  private Policy policy;

  @Option(names = "--flip", negatable = true, description = "Mirror half of them, left to right.")
  private Boolean flip;

  @Option(
      names = "--flip-vertical",
      negatable = true,
      description = "Mirror half of them, top to bottom.")
  private Boolean flipVertical;

  @Option(
      names = "--crop-padding",
      paramLabel = "<pixels>",
      description = "Move by up to so many whole pixels.")
  private Integer cropPadding;

  @Option(
      names = "--resized-crop",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "<low>,<high>",
      description = "Scale a part with this share of the area to the whole, as in 0.3,1.")
  private List<Double> resizedCrop;

  @Option(names = "--rotate", paramLabel = "<degrees>", description = "Turn, up to so far.")
  private Double rotate;

  @Option(
      names = "--translate",
      paramLabel = "<share>",
      description = "Move by up to this share of width and height.")
  private Double translate;

  @Option(
      names = "--scale",
      split = ",",
      hideParamSyntax = true,
      paramLabel = "<low>,<high>",
      description = "Grow by a factor, as in 0.8,1.2.")
  private List<Double> scale;

  @Option(
      names = "--brightness",
      paramLabel = "<share>",
      description = "Multiply values by 1 plus or minus this.")
  private Double brightness;

  @Option(
      names = "--contrast",
      paramLabel = "<share>",
      description = "The same for differences from the mean colour.")
  private Double contrast;

  @Option(
      names = "--saturation",
      paramLabel = "<share>",
      description = "The same for differences from grey.")
  private Double saturation;

  @Option(
      names = "--noise",
      paramLabel = "<share>",
      description = "Add noise, its deviation up to this share of white.")
  private Double noise;

  @Option(
      names = "--mixup",
      paramLabel = "<alpha>",
      description = "Blend with another image, weights from Beta(alpha, alpha).")
  private Double mixUp;

  @Option(
      names = "--cutmix",
      paramLabel = "<alpha>",
      description = "Paste a box of another image, its area from Beta(alpha, alpha).")
  private Double cutMix;

  @Option(
      names = "--mixed",
      paramLabel = "<share>",
      description = "The share of images that --mixup and --cutmix change (default: 1).")
  private Double mixed;

  /** The named policies. */
  enum Policy {
    NONE(Augmentation.NONE),
    STANDARD(Augmentation.STANDARD),
    STRONG(Augmentation.STRONG);

    private final Augmentation augmentation;

    Policy(Augmentation augmentation) {
      this.augmentation = augmentation;
    }
  }

  boolean namesPolicy() {
    return policy != null;
  }

  /**
   * What was asked for.
   *
   * @param otherwise where no policy was named
   * @param side of the images
   */
  Augmentation of(Augmentation otherwise, int side, CommandSpec spec) {
    Augmentation base = policy == null ? otherwise : policy.augmentation;
    AugmentationBuilder b = base.toBuilder().crop(Math.ceilDiv(base.cropPadding() * side, SIDE));
    try {
      return build(b);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private Augmentation build(AugmentationBuilder b) {
    ifGiven(flip, b::flip);
    ifGiven(flipVertical, b::flipVertical);
    ifGiven(cropPadding, b::crop);
    ifGiven(rotate, b::rotate);
    ifGiven(translate, b::translate);
    ifGiven(brightness, b::brightness);
    ifGiven(contrast, b::contrast);
    ifGiven(saturation, b::saturation);
    ifGiven(noise, b::noise);
    ifGiven(mixUp, b::mixUp);
    ifGiven(cutMix, b::cutMix);
    ifGiven(mixed, b::mixed);
    ifGiven(scale, v -> b.scale(low(v, "--scale"), high(v)));
    ifGiven(resizedCrop, v -> b.resizedCrop(low(v, "--resized-crop"), high(v)));
    return b.build();
  }

  private static <T> void ifGiven(T value, Consumer<T> use) {
    if (value != null) {
      use.accept(value);
    }
  }

  private static double low(List<Double> range, String option) {
    if (range.size() > 2) {
      throw new IllegalArgumentException(option + " " + range + ", expected two numbers");
    }
    return range.getFirst();
  }

  private static double high(List<Double> range) {
    return range.getLast();
  }
}
