package dev.tilework.nn;

import dev.tilework.autograd.Variable;
import dev.tilework.kernels.Activation;
import dev.tilework.kernels.ConvGeometry;
import dev.tilework.kernels.ConvOp;
import dev.tilework.kernels.ConvOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolution of images (n, h, w, in) to (n, outH, outW, out); see {@link ConvGeometry} for the
 * formula. Parameters: {@code weight} (out, kernelH, kernelW, in / groups) and, unless {@link
 * #withoutBias}, {@code bias} (out).
 *
 * <p>The weights begin by {@link Init#kaimingNormal} over fan in with the gain of ReLU, the bias as
 * zeros. Methods that change an option give a new layer without values: call them before {@link
 * #init}.
 */
public final class Conv2d extends Module implements FusesRelu {
  private final int in;
  private final int out;
  private final int kernelH;
  private final int kernelW;
  private final ConvOptions options;
  private final boolean hasBias;
  private final Init init;
  private final Parameter weight;
  private final Parameter bias;

  /** Square kernels, stride 1, no padding, with a bias. */
  public Conv2d(int in, int out, int kernel) {
    this(in, out, kernel, kernel, ConvOptions.DEFAULT);
  }

  /** Kernels of {@code kernelH} by {@code kernelW} with all options, with a bias. */
  public Conv2d(int in, int out, int kernelH, int kernelW, ConvOptions options) {
    this(in, out, kernelH, kernelW, options, true, Init.kaimingNormal(Init.Fan.IN, Init.RELU_GAIN));
  }

  private Conv2d(
      int in, int out, int kernelH, int kernelW, ConvOptions options, boolean hasBias, Init init) {
    if (in < 1
        || out < 1
        || kernelH < 1
        || kernelW < 1
        || options.groups() < 1
        || in % options.groups() != 0
        || out % options.groups() != 0) {
      throw new IllegalArgumentException(
          "Conv2d: got "
              + in
              + " input and "
              + out
              + " output channels in "
              + options.groups()
              + " groups and kernels of "
              + kernelH
              + "x"
              + kernelW
              + "; expected at least 1 of each, and groups that divide both channels");
    }
    this.in = in;
    this.out = out;
    this.kernelH = kernelH;
    this.kernelW = kernelW;
    this.options = options;
    this.hasBias = hasBias;
    this.init = init;
    weight = parameter("weight", init, out, kernelH, kernelW, in / options.groups());
    bias = hasBias ? parameter("bias", Init.constant(0), out) : null;
  }

  /** A layer like this one with another stride. */
  public Conv2d stride(int s) {
    return with(options.stride(s), hasBias, init);
  }

  /** A layer like this one with padding on all four sides. */
  public Conv2d padding(int p) {
    return with(options.padding(p), hasBias, init);
  }

  /** A layer like this one with another dilation. */
  public Conv2d dilation(int d) {
    return with(options.dilation(d), hasBias, init);
  }

  /** A layer like this one whose channels are divided into groups. */
  public Conv2d groups(int g) {
    return with(options.groups(g), hasBias, init);
  }

  /** A layer like this one without a bias, as a batch normalization after it makes useless. */
  public Conv2d withoutBias() {
    return with(options, false, init);
  }

  /** A layer like this one whose weights begin in another way. */
  public Conv2d weightInit(Init i) {
    return with(options, hasBias, i);
  }

  ConvOptions options() {
    return options;
  }

  private Conv2d with(ConvOptions o, boolean b, Init i) {
    if (weight.isMade()) {
      throw new IllegalStateException("Conv2d: its options cannot change after init");
    }
    return new Conv2d(in, out, kernelH, kernelW, o, b, i);
  }

  @Override
  protected Variable forward(Variable x) {
    return run(x, null, Activation.IDENTITY);
  }

  /** {@code relu(conv(x))} in one pass. */
  @Override
  public Variable relu(Variable x) {
    return observed(run(x, null, Activation.RELU));
  }

  /** {@code relu(conv(x) + residual)} in one pass. */
  @Override
  public Variable addRelu(Variable x, Variable residual) {
    return observed(run(x, residual, Activation.RELU));
  }

  private Variable run(Variable x, Variable residual, Activation activation) {
    ConvGeometry g = ConvGeometry.of(x.shape(), weight.shape(), options);
    List<Variable> operands = new ArrayList<>(List.of(x, weight.variable()));
    if (hasBias) {
      operands.add(bias.variable());
    }
    if (residual != null) {
      operands.add(residual);
    }
    return Variable.apply(
        new ConvOp.Forward(g, hasBias, residual != null, activation),
        operands.toArray(Variable[]::new));
  }

  @Override
  public String toString() {
    return "Conv2d(" + in + ", " + out + ", " + kernelH + "x" + kernelW + ")";
  }
}
