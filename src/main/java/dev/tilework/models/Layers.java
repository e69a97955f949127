package dev.tilework.models;

import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Init;

/** The convolutions of residual networks: without a bias, for a batch normalization follows. */
final class Layers {
  private Layers() {}

  static Conv2d conv(int in, int out, int kernel, int stride) {
    return new Conv2d(in, out, kernel)
        .stride(stride)
        .padding(kernel / 2)
        .withoutBias()
        .weightInit(Init.kaimingNormal(Init.Fan.OUT, Init.RELU_GAIN));
  }
}
