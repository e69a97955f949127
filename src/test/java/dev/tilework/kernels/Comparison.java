package dev.tilework.kernels;

import dev.tilework.kernels.reference.HostTensor;
import java.util.Arrays;

/** A device's result beside the reference's. */
final class Comparison {
  private Comparison() {}

  /** Null where all elements are within the tolerance, else a line about the worst. */
  static String difference(
      String what, HostTensor expected, HostTensor got, Tolerance tolerance, long terms) {
    double bound = tolerance.bound(terms);
    double largest =
        tolerance == Tolerance.TRANSFORMED
            // The transform mixes the pixels of a tile, of which some add little to an element.
            ? Arrays.stream(expected.magnitude()).max().orElse(0)
            : 0;
    int worst = -1;
    int wrong = 0;
    double excess = 0;
    for (int i = 0; i < expected.size(); i++) {
      double e = expected.get(i);
      double g = got.get(i);
      if (same(e, g, expected.isIntegral())) {
        continue;
      }
      double allowed =
          bound * Math.max(largest, expected.magnitude()[i]) + (bound > 0 ? Float.MIN_NORMAL : 0);
      double off = Math.abs(g - e);
      if (off <= allowed) {
        continue;
      }
      wrong++;
      double ratio = Double.isNaN(off) ? Double.POSITIVE_INFINITY : off / allowed;
      if (worst < 0 || ratio > excess) {
        worst = i;
        excess = ratio;
      }
    }
    if (worst < 0) {
      return null;
    }
    return what
        + " "
        + expected.spec()
        + ": "
        + wrong
        + " of "
        + expected.size()
        + " elements are off; the worst is at "
        + Arrays.toString(position(expected, worst))
        + ": expected "
        + expected.get(worst)
        + ", got "
        + got.get(worst)
        + ", allowed "
        + bound * Math.max(largest, expected.magnitude()[worst])
        + " by "
        + tolerance
        + " for "
        + terms
        + " terms";
  }

  private static boolean same(double expected, double got, boolean integral) {
    double rounded = integral ? expected : (float) expected;
    return rounded == got || Double.isNaN(rounded) && Double.isNaN(got);
  }

  private static int[] position(HostTensor t, int i) {
    int[] at = new int[t.shape().rank()];
    for (int axis = at.length - 1; axis >= 0; axis--) {
      at[axis] = i % t.shape().dim(axis);
      i /= t.shape().dim(axis);
    }
    return at;
  }
}
