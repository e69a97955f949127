package dev.tilework.bench.peers;

import java.io.Serializable;
import java.util.Locale;

/**
 * A result as it is sent to be compared: elements at equal distances, and the sum and the sum of
 * squares of all, so that none is left out.
 *
 * @param size the number of elements of the whole
 */
record Sample(int size, float[] values, double sum, double squares) implements Serializable {
  private static final int MOST = 1 << 16;

  /** Rounding errors of a mean of logarithms, after dozens of layers. */
  private static final double LOSS_TOLERANCE = 1e-3;

  /** Takes a sample. */
  static Sample of(float... all) {
    double sum = 0;
    double squares = 0;
    for (float v : all) {
      sum += v;
      squares += (double) v * v;
    }
    int step = step(all.length);
    float[] values = new float[(all.length + step - 1) / step];
    for (int i = 0; i < values.length; i++) {
      values[i] = all[i * step];
    }
    return new Sample(all.length, values, sum, squares);
  }

  /** Odd, so that no channel is left out where their number is a power of two. */
  private static int step(int size) {
    return size <= MOST ? 1 : size / MOST | 1;
  }

  /**
   * Compares with another library's result.
   *
   * @param tolerance of an element, relative to the root of the mean square
   * @throws IllegalStateException where they differ
   */
  void check(Sample other, double tolerance) {
    if (size != other.size) {
      throw new IllegalStateException("results of " + other.size + " and " + size + " elements");
    }
    double scale = Math.sqrt(squares / size);
    if (!(scale > 0 && Double.isFinite(scale))) {
      throw new IllegalStateException("our result's root of the mean square is " + scale);
    }
    int step = step(size);
    for (int i = 0; i < values.length; i++) {
      same("element " + i * step, values[i], other.values[i], tolerance * scale);
    }
    // Rounding errors of the elements have either sign, so their sum grows with the root.
    same("sum", sum, other.sum, tolerance * scale * Math.sqrt(size) * 4);
    same("sum of squares", squares, other.squares, tolerance * squares * 4);
  }

  /**
   * Compares the first step of a training: the loss, which comes first, and the gradient as a
   * whole. Single elements may be far apart: an activation or a largest value that rounding turns
   * over changes some, the more the deeper the network.
   *
   * @param tolerance of the root of the gradient's mean squared difference, relative to the root of
   *     its mean square
   * @throws IllegalStateException where they differ
   */
  void checkStep(Sample other, double tolerance) {
    if (size != other.size) {
      throw new IllegalStateException("results of " + other.size + " and " + size + " elements");
    }
    same("element 0 (the loss)", values[0], other.values[0], LOSS_TOLERANCE * Math.abs(values[0]));
    double apart = 0;
    double all = 0;
    for (int i = 1; i < values.length; i++) {
      double difference = (double) values[i] - other.values[i];
      apart += difference * difference;
      all += (double) values[i] * values[i];
    }
    same("relative error", 0, Math.sqrt(apart / all), tolerance);
  }

  private static void same(String what, double ours, double theirs, double allowed) {
    if (!(Math.abs(ours - theirs) <= allowed)) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s of the result is %.7g, ours %.7g; at most %.3g apart was expected",
              what,
              theirs,
              ours,
              allowed));
    }
  }
}
