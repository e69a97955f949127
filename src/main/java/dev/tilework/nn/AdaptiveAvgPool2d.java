package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/**
 * The mean over regions that divide images (n, h, w, c) into outH by outW parts: (n, outH, outW,
 * c), whatever h and w are.
 */
public final class AdaptiveAvgPool2d extends Module {
  private final int outH;
  private final int outW;

  /** The global mean: (n, 1, 1, c). */
  public AdaptiveAvgPool2d() {
    this(1, 1);
  }

  /** To outH rows and outW columns. */
  public AdaptiveAvgPool2d(int outH, int outW) {
    this.outH = outH;
    this.outW = outW;
  }

  @Override
  protected Variable forward(Variable x) {
    return x.adaptiveAveragePool(outH, outW);
  }

  @Override
  protected Module inferenceCopy() {
    return new AdaptiveAvgPool2d(outH, outW);
  }
}
