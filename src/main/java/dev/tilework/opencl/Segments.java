package dev.tilework.opencl;

/**
 * How a long sum is cut where the results alone are too few to occupy a device: a function of the
 * shapes and the tile, so that the same additions are done in the same order every time.
 *
 * @param length steps of a segment but for the last one
 * @param count at least one
 */
record Segments(int length, int count) {
  /** Work groups that occupy the largest devices. */
  private static final int GROUPS = 512;

  /** Steps for which a tile pays for storing its results a second time. */
  private static final int SHORTEST = 256;

  /** Steps over which rounding errors may add up. */
  private static final int LONGEST = 8192;

  /**
   * Segments for a sum.
   *
   * @param steps of the sum
   * @param groups work groups that compute the result
   * @param multiple of which the length has to be
   */
  static Segments of(long steps, long groups, int multiple) {
    long most = Math.min(Grid.MOST_GROUPS, Math.max(1, steps));
    long wanted = Math.min(Math.ceilDiv(GROUPS, groups), Math.ceilDiv(steps, SHORTEST));
    long count = Math.clamp(Math.max(wanted, Math.ceilDiv(steps, LONGEST)), 1, most);
    long length = Math.max(1, Math.ceilDiv(Math.ceilDiv(steps, count), multiple)) * multiple;
    return new Segments((int) length, (int) Math.max(1, Math.ceilDiv(steps, length)));
  }
}
