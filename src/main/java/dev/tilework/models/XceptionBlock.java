package dev.tilework.models;

import dev.tilework.kernels.Activation;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.MaxPool2d;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Residual;
import dev.tilework.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Separable convolutions, each normalized and with the ReLU before it, and a shortcut around all,
 * with no activation of the sum: Chollet, 2017, figure 5. Parts: {@code rep}, {@code skip}, {@code
 * skipbn}.
 */
final class XceptionBlock extends Composite {
  /** A block through channels of these widths. */
  private XceptionBlock(int[] widths, boolean reluFirst, boolean halve) {
    List<Module> layers = new ArrayList<>();
    for (int i = 1; i < widths.length; i++) {
      if (reluFirst || i > 1) {
        layers.add(new Relu());
      }
      layers.add(Layers.separable(widths[i - 1], widths[i]));
      layers.add(new BatchNorm2d(widths[i]));
    }
    if (halve) {
      layers.add(new MaxPool2d(3, 2, 1));
    }
    Module rep = child("rep", new Sequential(layers));
    Module shortcut = null;
    int in = widths[0];
    int out = widths[widths.length - 1];
    if (halve) {
      Conv2d skip =
          child("skip", new Conv2d(in, out, 1).stride(2).withoutBias().weightInit(Layers.INIT));
      shortcut = new Sequential(skip, child("skipbn", new BatchNorm2d(out)));
    }
    compose(new Residual(rep, shortcut, Activation.IDENTITY));
  }

  /** Two convolutions, the first of which widens, at half the size, rounded up. */
  static XceptionBlock entry(int in, int out, boolean reluFirst) {
    return new XceptionBlock(new int[] {in, out, out}, reluFirst, true);
  }

  /** Three convolutions of the same width and size. */
  static XceptionBlock middle(int width) {
    return new XceptionBlock(new int[] {width, width, width, width}, true, false);
  }

  /** Two convolutions, the last of which widens, at half the size, rounded up. */
  static XceptionBlock exit(int in, int out) {
    return new XceptionBlock(new int[] {in, in, out}, true, true);
  }
}
