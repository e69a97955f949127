package dev.tilework.opencl;

import java.util.Arrays;

/**
 * Launches kernels that take each row of an array on its own: by a work-item a row, or on GPUs and
 * for rows that are long enough, by a work group a row, in the kernel named {@code ..._together}.
 */
final class Rows {
  private static final int SHORT = 64;
  private static final int LONG = 1024;

  private Rows() {}

  /**
   * Launches.
   *
   * @param local floats in local memory for each work-item of a work group; the kernel's last
   *     argument
   * @param arguments those before; the kernel for work-items has the number of rows as its last
   */
  static void launch(
      Session s, String kernel, int rows, int length, int local, Object... arguments) {
    int group = group(s, length, local);
    Object[] all = Arrays.copyOf(arguments, arguments.length + 1);
    if (group == 1) {
      // Work groups of one spread a few long rows over all compute units.
      boolean spread = s.profile == Profile.CPU && length >= LONG;
      all[arguments.length] = rows;
      s.launcher.launch(kernel, spread ? Grid.items(rows) : Grid.linear(s, rows), all);
      return;
    }
    all[arguments.length] = new Launcher.Local(4L * local * group);
    s.launcher.launch(kernel + "_together", Grid.groups(new int[] {group}, rows), all);
  }

  /** The work-items that share a row, a power of two; 1 where each has its own. */
  static int group(Session s, int length, int local) {
    if (s.profile == Profile.CPU || length < SHORT) {
      return 1;
    }
    long most = Math.min(s.device.workGroup(), s.device.itemSizes()[0]);
    most = Math.min(most, s.device.localMemory() / (4L * local));
    most = Math.min(most, length < LONG ? 64 : 256);
    return Math.max(1, (int) Long.highestOneBit(most));
  }
}
