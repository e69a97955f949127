package dev.tilework.nn;

import dev.tilework.kernels.ConvOptions;

/**
 * A convolution of each channel by itself and a 1x1 convolution that mixes them: images (n, h, w,
 * in) to (n, outH, outW, out), by {@code in * kernelH * kernelW + in * out} weights instead of
 * their product. Parts: {@code conv1}, depthwise, and {@code pointwise}; nothing stands between
 * them. Source: Chollet, "Xception: Deep Learning with Depthwise Separable Convolutions", 2017,
 * section 1.2; the names are timm's.
 *
 * <p>Methods that change an option give a new layer without values: call them before {@link #init}.
 */
public final class SeparableConv2d extends Composite {
  private final int in;
  private final int out;
  private final int kernel;
  private final ConvOptions options;
  private final boolean bias;
  private final Init init;
  private final Conv2d depthwise;

  /** Square kernels, stride 1, no padding, and a bias of the mixed channels. */
  public SeparableConv2d(int in, int out, int kernel) {
    this(
        in,
        out,
        kernel,
        ConvOptions.DEFAULT,
        true,
        Init.kaimingNormal(Init.Fan.IN, Init.RELU_GAIN));
  }

  private SeparableConv2d(
      int in, int out, int kernel, ConvOptions options, boolean bias, Init init) {
    this.in = in;
    this.out = out;
    this.kernel = kernel;
    this.options = options;
    this.bias = bias;
    this.init = init;
    depthwise =
        child(
            "conv1",
            new Conv2d(in, in, kernel, kernel, options.groups(in)).withoutBias().weightInit(init));
    Conv2d mix = new Conv2d(in, out, 1).weightInit(init);
    compose(new Sequential(depthwise, child("pointwise", bias ? mix : mix.withoutBias())));
  }

  /** A layer like this one with another stride. */
  public SeparableConv2d stride(int s) {
    return with(options.stride(s), bias, init);
  }

  /** A layer like this one with padding on all four sides. */
  public SeparableConv2d padding(int p) {
    return with(options.padding(p), bias, init);
  }

  /** A layer like this one with another dilation. */
  public SeparableConv2d dilation(int d) {
    return with(options.dilation(d), bias, init);
  }

  /** A layer like this one without a bias, as a batch normalization after it makes useless. */
  public SeparableConv2d withoutBias() {
    return with(options, false, init);
  }

  /** A layer like this one whose weights, of both parts, begin in another way. */
  public SeparableConv2d weightInit(Init i) {
    return with(options, bias, i);
  }

  private SeparableConv2d with(ConvOptions o, boolean b, Init i) {
    if (depthwise.isMade()) {
      throw new IllegalStateException("SeparableConv2d: its options cannot change after init");
    }
    return new SeparableConv2d(in, out, kernel, o, b, i);
  }

  @Override
  public String toString() {
    return "SeparableConv2d(" + in + ", " + out + ", " + kernel + "x" + kernel + ")";
  }
}
