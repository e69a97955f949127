package dev.tilework.data;

/**
 * How images of any size are brought to one: scaled, keeping their proportions, until the shorter
 * side has a length; the centre is cut out after it.
 *
 * @param shorterSide pixels of the shorter side once scaled
 * @param filter between pixels
 */
public record Scaling(int shorterSide, Filter filter) {
  /**
   * Weights of neighbouring pixels. Where an image shrinks the filter widens with it, so that every
   * pixel counts, as in Pillow and as published weights were trained and measured with.
   */
  public enum Filter {
    /** A triangle of one pixel to each side. */
    BILINEAR(1) {
      @Override
      double weight(double x) {
        return Math.max(0, 1 - Math.abs(x));
      }
    },
    /** The cubic convolution of Keys, 1981, with a = -1/2, of two pixels to each side. */
    BICUBIC(2) {
      @Override
      double weight(double x) {
        double t = Math.abs(x);
        if (t < 1) {
          return (1.5 * t - 2.5) * t * t + 1;
        }
        return t < 2 ? ((-0.5 * t + 2.5) * t - 4) * t + 2 : 0;
      }
    };

    final double support;

    Filter(double support) {
      this.support = support;
    }

    abstract double weight(double x);
  }

  /** Checks the length. */
  public Scaling {
    if (shorterSide < 1 || filter == null) {
      throw new IllegalArgumentException(
          "scaling: a shorter side of " + shorterSide + " by " + filter + ", expected at least 1");
    }
  }
}
