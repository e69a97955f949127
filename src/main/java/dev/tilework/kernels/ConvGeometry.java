package dev.tilework.kernels;

import dev.tilework.Shape;

/**
 * The geometry of a two-dimensional convolution over images in NHWC with weights (out, kernelH,
 * kernelW, in / groups):
 *
 * <pre>y[n, p, q, o] = sum over i, j, c of
 *     x[n, p*strideH - padTop + i*dilationH, q*strideW - padLeft + j*dilationW, g*C/groups + c]
 *     * w[o, i, j, c]          with g = o / (O / groups), x zero outside the image</pre>
 *
 * <p>(cross-correlation, as in every deep-learning library). The output has {@code outH = (h +
 * padTop + padBottom - (dilationH*(kernelH-1) + 1)) / strideH + 1} rows, rounded down, and columns
 * likewise.
 */
public record ConvGeometry(
    int n,
    int h,
    int w,
    int c,
    int o,
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dilationH,
    int dilationW,
    int groups) {

  /** Checks that the numbers make sense together. */
  public ConvGeometry {
    if (n < 1 || h < 1 || w < 1 || c < 1 || o < 1 || kernelH < 1 || kernelW < 1) {
      throw new IllegalArgumentException(
          "conv2d: images ["
              + n
              + ", "
              + h
              + ", "
              + w
              + ", "
              + c
              + "] with "
              + o
              + " filters of "
              + kernelH
              + "x"
              + kernelW
              + "; expected extents of at least 1");
    }
    if (strideH < 1 || strideW < 1 || dilationH < 1 || dilationW < 1) {
      throw new IllegalArgumentException(
          "conv2d: stride "
              + strideH
              + "x"
              + strideW
              + " and dilation "
              + dilationH
              + "x"
              + dilationW
              + "; expected at least 1");
    }
    if (padTop < 0 || padLeft < 0 || padBottom < 0 || padRight < 0) {
      throw new IllegalArgumentException(
          "conv2d: padding (top "
              + padTop
              + ", left "
              + padLeft
              + ", bottom "
              + padBottom
              + ", right "
              + padRight
              + "); expected at least 0");
    }
    if (groups < 1 || c % groups != 0 || o % groups != 0) {
      throw new IllegalArgumentException(
          "conv2d: "
              + c
              + " input and "
              + o
              + " output channels in "
              + groups
              + " groups; expected a number of groups that divides both");
    }
    if (outExtent(h, padTop + padBottom, dilationH, kernelH, strideH) < 1
        || outExtent(w, padLeft + padRight, dilationW, kernelW, strideW) < 1) {
      throw new IllegalArgumentException(
          "conv2d: a kernel of "
              + kernelH
              + "x"
              + kernelW
              + " with dilation "
              + dilationH
              + "x"
              + dilationW
              + " does not fit into images of "
              + h
              + "x"
              + w
              + " with padding (top "
              + padTop
              + ", left "
              + padLeft
              + ", bottom "
              + padBottom
              + ", right "
              + padRight
              + ")");
    }
  }

  private static int outExtent(int extent, int pad, int dilation, int kernel, int stride) {
    return Math.floorDiv(extent + pad - (dilation * (kernel - 1) + 1), stride) + 1;
  }

  /**
   * The geometry of a convolution of {@code x} (NHWC) by weights (out, kernelH, kernelW,
   * in/groups).
   */
  public static ConvGeometry of(Shape x, Shape weight, ConvOptions options) {
    if (x.rank() != 4 || weight.rank() != 4 || x.dim(3) != weight.dim(3) * options.groups()) {
      throw new IllegalArgumentException(
          "conv2d: got images "
              + x
              + ", weights "
              + weight
              + " and "
              + options.groups()
              + " groups, expected images [n, h, w, c] and weights [out, kernelH, kernelW, c / groups]");
    }
    return new ConvGeometry(
        x.dim(0),
        x.dim(1),
        x.dim(2),
        x.dim(3),
        weight.dim(0),
        weight.dim(1),
        weight.dim(2),
        options.strideH(),
        options.strideW(),
        options.padTop(),
        options.padLeft(),
        options.padBottom(),
        options.padRight(),
        options.dilationH(),
        options.dilationW(),
        options.groups());
  }

  /** The rows of the output. */
  public int outH() {
    return outExtent(h, padTop + padBottom, dilationH, kernelH, strideH);
  }

  /** The columns of the output. */
  public int outW() {
    return outExtent(w, padLeft + padRight, dilationW, kernelW, strideW);
  }

  /** The input's shape, (n, h, w, c). */
  public Shape inputShape() {
    return Shape.of(n, h, w, c);
  }

  /** The weights' shape, (o, kernelH, kernelW, c / groups). */
  public Shape weightShape() {
    return Shape.of(o, kernelH, kernelW, c / groups);
  }

  /** The output's shape, (n, outH, outW, o). */
  public Shape outputShape() {
    return Shape.of(n, outH(), outW(), o);
  }

  /** The input channels of a group. */
  public int channelsPerGroup() {
    return c / groups;
  }

  /** The output channels of a group. */
  public int filtersPerGroup() {
    return o / groups;
  }

  /** Whether each input channel has filters of its own. */
  public boolean depthwise() {
    return groups == c && groups > 1;
  }

  /** Floating-point operations of the forward pass: two for each multiply-add, borders included. */
  public long flops() {
    return 2L * n * outH() * outW() * o * kernelH * kernelW * channelsPerGroup();
  }
}
