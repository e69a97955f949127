package dev.tilework.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What is done to a tile of the result while it is in the first cache: add the bias of each column,
 * add a residual, clip below zero.
 *
 * @param bias address of one float per column, or 0
 * @param residual address of a tensor laid out as the result, or 0
 * @param result address of the result's first element
 * @param relu whether negative numbers become 0
 */
record Epilogue(long bias, long residual, long result, boolean relu) {
  static final Epilogue NONE = new Epilogue(0, 0, 0, false);

  boolean isNone() {
    return bias == 0 && residual == 0 && !relu;
  }

  /** The same for columns that begin {@code columns} later. */
  Epilogue shifted(int columns) {
    return bias == 0 ? this : new Epilogue(bias + 4L * columns, residual, result, relu);
  }

  /**
   * Finishes part of the result.
   *
   * @param tile address of the first element
   * @param stride bytes from a row to the next
   * @param column the first column's number
   */
  void apply(long tile, long stride, int rows, int column, int columns) {
    if (isNone()) {
      return;
    }
    for (int c = 0; c < columns; c += Simd.LANES) {
      VectorMask<Float> m = Simd.S.indexInRange(c, columns);
      FloatVector b = bias == 0 ? FloatVector.zero(Simd.S) : Simd.load(bias + 4L * (column + c), m);
      for (int r = 0; r < rows; r++) {
        long at = tile + r * stride + 4L * c;
        FloatVector v = Simd.load(at, m).add(b);
        if (residual != 0) {
          v = v.add(Simd.load(residual + (at - result), m));
        }
        if (relu) {
          v = v.max(0f);
        }
        Simd.store(v, at, m);
      }
    }
  }
}
