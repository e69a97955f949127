package dev.tilework.models;

import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Init;
import dev.tilework.nn.SeparableConv2d;

/** Convolutions without a bias, for a batch normalization follows. */
final class Layers {
  /** How the weights of residual networks and of Xception begin. */
  static final Init INIT = Init.kaimingNormal(Init.Fan.OUT, Init.RELU_GAIN);

  private Layers() {}

  static Conv2d conv(int in, int out, int kernel, int stride) {
    return new Conv2d(in, out, kernel)
        .stride(stride)
        .padding(kernel / 2)
        .withoutBias()
        .weightInit(INIT);
  }

  /** 3x3, of the same size. */
  static SeparableConv2d separable(int in, int out) {
    return new SeparableConv2d(in, out, 3).padding(1).withoutBias().weightInit(INIT);
  }
}
