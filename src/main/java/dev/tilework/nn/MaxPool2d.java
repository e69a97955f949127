package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/** The largest value of each square window of images (n, h, w, c). */
public final class MaxPool2d extends Module {
  private final int kernel;
  private final int stride;
  private final int padding;

  /** Windows side by side. */
  public MaxPool2d(int kernel) {
    this(kernel, kernel, 0);
  }

  /** Windows of a stride, over images padded on all sides. */
  public MaxPool2d(int kernel, int stride, int padding) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  @Override
  protected Variable forward(Variable x) {
    return x.maxPool(kernel, stride, padding);
  }

  @Override
  protected Module inferenceCopy() {
    return new MaxPool2d(kernel, stride, padding);
  }
}
