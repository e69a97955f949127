package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.PoolGeometry;

/** The mean of each square window of images (n, h, w, c). */
public final class AvgPool2d extends Module {
  private final int kernel;
  private final int stride;
  private final int padding;
  private final boolean countPadding;

  /** Windows side by side. */
  public AvgPool2d(int kernel) {
    this(kernel, kernel, 0, true);
  }

  /**
   * Windows of a stride, over images padded on all sides.
   *
   * @param countPadding whether padded pixels count, as zeros, in the mean
   */
  public AvgPool2d(int kernel, int stride, int padding, boolean countPadding) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
    this.countPadding = countPadding;
  }

  @Override
  protected Variable forward(Variable x) {
    return x.averagePool(PoolGeometry.of(x.shape(), kernel, stride, padding), countPadding);
  }

  @Override
  protected Module inferenceCopy() {
    return new AvgPool2d(kernel, stride, padding, countPadding);
  }
}
