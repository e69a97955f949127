package dev.tilework.models;

import dev.tilework.kernels.ConvOptions;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Composite;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Init;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;

/** The convolution of Inception networks: without a bias, normalized with eps 0.001, and a ReLU. */
final class ConvNormRelu extends Composite {
  private static final float EPS = 1e-3f;
  private static final float MOMENTUM = 0.1f;

  /**
   * The deviation of the weights' first values. torchvision cuts the normal distribution off at 2,
   * which is twenty deviations away.
   */
  private static final float DEVIATION = 0.1f;

  /** Square kernels. */
  ConvNormRelu(int in, int out, int kernel, int stride, int padding) {
    this(in, out, kernel, kernel, ConvOptions.DEFAULT.stride(stride).padding(padding), DEVIATION);
  }

  /** One row of {@code kernelW} taps, or one column of {@code kernelH}, that keeps the size. */
  static ConvNormRelu line(int in, int out, int kernelH, int kernelW) {
    return new ConvNormRelu(
        in,
        out,
        kernelH,
        kernelW,
        ConvOptions.DEFAULT.padding(kernelH / 2, kernelW / 2),
        DEVIATION);
  }

  /** With all options. */
  ConvNormRelu(int in, int out, int kernelH, int kernelW, ConvOptions options, float deviation) {
    Conv2d conv =
        child(
            "conv",
            new Conv2d(in, out, kernelH, kernelW, options)
                .withoutBias()
                .weightInit(Init.normal(deviation)));
    BatchNorm2d bn = child("bn", new BatchNorm2d(out, EPS, MOMENTUM));
    compose(new Sequential(conv, bn, new Relu()));
  }
}
