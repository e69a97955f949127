package dev.tilework.models;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.LayoutOp;
import dev.tilework.nn.Module;

/**
 * The shortcut without parameters of He et al., 2016 (option A): every stride-th pixel, and the
 * channels surrounded by as many zero channels before as after.
 */
final class PaddedShortcut extends Module {
  private final int in;
  private final int out;
  private final int stride;

  PaddedShortcut(int in, int out, int stride) {
    this.in = in;
    this.out = out;
    this.stride = stride;
  }

  @Override
  protected Variable forward(Variable x) {
    // The mean of a 1x1 window is the pixel, and the gradient of a slice pads with zeros.
    Variable pixels = x.averagePool(1, stride, 0);
    return Variable.apply(new LayoutOp.SliceGrad(3, (out - in) / 2, out), pixels);
  }

  @Override
  protected Module inferenceCopy() {
    return new PaddedShortcut(in, out, stride);
  }
}
