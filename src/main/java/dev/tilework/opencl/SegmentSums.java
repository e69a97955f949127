package dev.tilework.opencl;

import dev.tilework.kernels.Operand;

/** Runs kernels whose sums are cut into {@link Segments}: all segments, then what adds them. */
final class SegmentSums {
  private SegmentSums() {}

  /** Launches what computes the segments. */
  interface Kernels {
    /**
     * Launches them.
     *
     * @param result for the results of all segments, one segment after the other; an {@link
     *     Operand} or a {@link Memory.View}
     * @param epilogue for the kernels to finish their results with
     */
    void launch(Object result, Epilogue epilogue);
  }

  /**
   * Runs the kernels; where there is one segment, they write and finish the result.
   *
   * @param columns of the result, for the bias
   */
  static void run(
      Session s,
      int segments,
      int elements,
      int columns,
      Operand out,
      Epilogue epilogue,
      Kernels kernels) {
    if (segments == 1) {
      kernels.launch(out, epilogue);
      return;
    }
    ClBuffer.Block sums = s.memory.take(4L * segments * elements);
    try {
      Memory.View view = new Memory.View(sums.handle(), 0);
      kernels.launch(view, Epilogue.NONE);
      Grid grid = Grid.linear(s, elements);
      s.launcher.launch("add_segments", grid, view, out, epilogue, elements, columns, segments);
    } finally {
      s.memory.giveBack(sums);
    }
  }
}
