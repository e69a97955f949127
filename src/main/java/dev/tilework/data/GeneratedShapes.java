package dev.tilework.data;

import java.util.List;
import java.util.Objects;
import java.util.Random;

/**
 * Drawn images of ten shapes, which need no file: each of any colour, size, place and rotation, on
 * a darker background whose colour changes across the image, with a bar drawn over it, changing
 * light and noise. Sample i depends on the seed and i alone and shows class {@code i % 10}.
 */
public final class GeneratedShapes implements Dataset {
  private static final List<String> CLASSES =
      List.of(
          "circle",
          "square",
          "triangle",
          "star",
          "cross",
          "ring",
          "crescent",
          "heart",
          "arrow",
          "hourglass");
  private static final List<Outline> OUTLINES =
      List.of(
          Outline.circle(0.85),
          Outline.polygon(-0.75, -0.75, 0.75, -0.75, 0.75, 0.75, -0.75, 0.75),
          Outline.polygon(0, -1, 0.9, 0.65, -0.9, 0.65),
          Outline.star(5, 0.42),
          Outline.polygon(
              -0.3, -0.95, 0.3, -0.95, 0.3, -0.3, 0.95, -0.3, 0.95, 0.3, 0.3, 0.3, 0.3, 0.95, -0.3,
              0.95, -0.3, 0.3, -0.95, 0.3, -0.95, -0.3, -0.3, -0.3),
          Outline.ring(0.7, 0.22),
          Outline.crescent(0.85, 0.55),
          Outline.heart(),
          Outline.polygon(
              0, -1, 0.8, -0.1, 0.3, -0.1, 0.3, 0.95, -0.3, 0.95, -0.3, -0.1, -0.8, -0.1),
          Outline.polygon(-0.75, -0.95, 0.75, -0.95, 0.12, 0, 0.75, 0.95, -0.75, 0.95, -0.12, 0));

  private static final float DARK = 0.6f;
  private static final double LEAST_CONTRAST = 0.25;
  private static final double NOISE = 0.06;

  private final int size;
  private final int side;
  private final long seed;

  /** {@code size} images of 32x32. */
  public GeneratedShapes(int size, long seed) {
    this(size, 32, seed);
  }

  /** {@code size} images of {@code side} x {@code side}. */
  public GeneratedShapes(int size, int side, long seed) {
    if (size < 0 || side < 8) {
      throw new IllegalArgumentException(
          "generated shapes: " + size + " images of side " + side + ", expected a side from 8");
    }
    this.size = size;
    this.side = side;
    this.seed = seed;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<String> classes() {
    return CLASSES;
  }

  @Override
  public ImageSize imageSize() {
    return ImageSize.square(side);
  }

  @Override
  public int label(int index) {
    return Objects.checkIndex(index, size) % CLASSES.size();
  }

  @Override
  public Sample sample(int index) {
    int label = label(index);
    Random random = Seeds.random(seed, index);
    float[] image = new float[side * side * 3];
    background(image, random);
    float[] colour = brighter(image, random);
    double scale = side * uniform(random, 0.25, 0.42);
    double room = side / 2.0 - 0.95 * scale;
    double x = side / 2.0 + uniform(random, -room, room);
    double y = side / 2.0 + uniform(random, -room, room);
    double angle = uniform(random, 0, 2 * Math.PI);
    double stretch = uniform(random, 0.85, 1.15);
    draw(image, OUTLINES.get(label), x, y, scale, stretch, angle, colour);
    bar(image, random);
    return new Sample(finish(image, random), label);
  }

  @Override
  public String name(int index) {
    return "generated " + CLASSES.get(label(index)) + " " + index;
  }

  /** Two colours, one blending into the other in some direction. */
  private void background(float[] image, Random random) {
    float[] a = colour(random, DARK);
    float[] b = colour(random, DARK);
    double angle = uniform(random, 0, 2 * Math.PI);
    double dx = StrictMath.cos(angle) / side;
    double dy = StrictMath.sin(angle) / side;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double t = 0.5 + 0.7 * ((x - side / 2.0) * dx + (y - side / 2.0) * dy);
        for (int c = 0; c < 3; c++) {
          image[(y * side + x) * 3 + c] = (float) (a[c] + 0.6 * t * (b[c] - a[c]));
        }
      }
    }
  }

  /** A colour that is brighter than the image's middle. */
  private float[] brighter(float[] image, Random random) {
    int middle = (side / 2 * side + side / 2) * 3;
    while (true) {
      float[] colour = colour(random, 1);
      float difference = 0;
      for (int c = 0; c < 3; c++) {
        difference += (colour[c] - image[middle + c]) / 3;
      }
      if (difference >= LEAST_CONTRAST) {
        return colour;
      }
    }
  }

  /** A thin bar across the image: something in front that has nothing to do with the class. */
  private void bar(float[] image, Random random) {
    double x = uniform(random, 0, side);
    double y = uniform(random, 0, side);
    Outline bar = (across, along) -> Math.abs(across) - 0.05;
    draw(image, bar, x, y, side / 2.0, 1, uniform(random, 0, Math.PI), colour(random, 1));
  }

  private void draw(
      float[] image,
      Outline outline,
      double centreX,
      double centreY,
      double scale,
      double stretch,
      double angle,
      float[] colour) {
    double cos = StrictMath.cos(angle) / scale;
    double sin = StrictMath.sin(angle) / scale;
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        double dx = x + 0.5 - centreX;
        double dy = y + 0.5 - centreY;
        double d =
            outline.distance((cos * dx + sin * dy) * stretch, (cos * dy - sin * dx) / stretch);
        float cover = (float) Math.clamp(0.5 - d * scale, 0, 1);
        for (int c = 0; cover > 0 && c < 3; c++) {
          int i = (y * side + x) * 3 + c;
          image[i] += cover * (colour[c] - image[i]);
        }
      }
    }
  }

  private static byte[] finish(float[] image, Random random) {
    double light = uniform(random, 0.75, 1.1);
    long noise = random.nextLong();
    byte[] out = new byte[image.length];
    for (int i = 0; i < out.length; i++) {
      double v = image[i] * light + NOISE * normal(Seeds.hash(noise, i));
      out[i] = (byte) Math.round(255 * Math.clamp(v, 0, 1));
    }
    return out;
  }

  /** Nearly normal: the sum of four uniform numbers, scaled to variance 1. */
  private static double normal(long bits) {
    long sum = (bits & 0xFFFF) + (bits >>> 16 & 0xFFFF) + (bits >>> 32 & 0xFFFF) + (bits >>> 48);
    return (sum / 65535.0 - 2) * 1.7320508075688772;
  }

  private static float[] colour(Random random, float most) {
    return new float[] {
      most * random.nextFloat(), most * random.nextFloat(), most * random.nextFloat()
    };
  }

  private static double uniform(Random random, double low, double high) {
    return low + (high - low) * random.nextDouble();
  }
}
