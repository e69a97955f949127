package dev.tilework.opencl;

import java.util.Arrays;

/**
 * How many work-items run, in work groups of what size, along one to three axes. The first axis is
 * the one along which neighbours should touch neighbouring memory.
 */
final class Grid {
  private static final int WARP = 32;

  /** Work groups along an axis but the first: some drivers count them in 16 bits. */
  static final int MOST_GROUPS = 65535;

  private final long[] global;
  private final long[] local;

  private Grid(long[] global, long[] local) {
    this.global = global;
    this.local = local;
  }

  /** So many work groups along each axis, each of {@code local} work-items. */
  static Grid groups(int[] local, long... groups) {
    long[] l = new long[groups.length];
    long[] g = new long[groups.length];
    for (int d = 0; d < groups.length; d++) {
      l[d] = local[d];
      g[d] = Math.multiplyExact(groups[d], l[d]);
    }
    return new Grid(g, l);
  }

  /** One work-item a work group, for kernels in which a work-item does a tile of work. */
  static Grid items(long... items) {
    long[] ones = new long[items.length];
    Arrays.fill(ones, 1);
    return new Grid(items.clone(), ones);
  }

  /**
   * At least {@code items} work-items along the first axis, which have to check that they are below
   * that number, and the others as they are.
   */
  static Grid linear(Session session, long items, long... others) {
    int group = session.tuning.get(Parameter.LINEAR_GROUP);
    group = Math.min(group, session.device.workGroup());
    group = Math.min(group, session.device.itemSizes()[0]);
    long[] global = new long[1 + others.length];
    long[] local = new long[global.length];
    Arrays.fill(local, 1);
    local[0] = group;
    global[0] = (items + group - 1) / group * group;
    System.arraycopy(others, 0, global, 1, others.length);
    return new Grid(global, local);
  }

  /**
   * At least {@code columns} and {@code rows} work-items along two axes, which have to check that
   * they are below those numbers. On a GPU the first axis has a warp in a work group.
   */
  static Grid plane(Session session, long columns, long rows) {
    int group = session.tuning.get(Parameter.LINEAR_GROUP);
    group = Math.min(group, session.device.workGroup());
    int[] most = session.device.itemSizes();
    int across = 1;
    while (session.profile == Profile.GPU
        && across < Math.min(columns, WARP)
        && 2 * across <= Math.min(group, most[0])) {
      across *= 2;
    }
    int down = Math.min(group / across, most[1]);
    return groups(
        new int[] {across, down}, (columns + across - 1) / across, (rows + down - 1) / down);
  }

  /** As many such grids one after the other along the first axis. */
  Grid times(long n) {
    long[] g = global.clone();
    g[0] = Math.multiplyExact(g[0], n);
    return new Grid(g, local);
  }

  /** The grid of an element-wise kernel, whose work-items have several elements; see common.cl. */
  static Grid elements(Session session, int elements) {
    int vector = session.tuning.get(Parameter.ELEMENT_VECTOR);
    return linear(session, (elements + (long) vector - 1) / vector);
  }

  int dimensions() {
    return global.length;
  }

  long global(int d) {
    return global[d];
  }

  long local(int d) {
    return local[d];
  }

  /** The work-items of a work group. */
  long group() {
    long n = 1;
    for (long l : local) {
      n *= l;
    }
    return n;
  }

  @Override
  public String toString() {
    return Arrays.toString(local) + " in " + Arrays.toString(global);
  }
}
