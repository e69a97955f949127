package dev.tilework.kernels;

/** How a convolution moves over its images: stride, padding, dilation and groups. */
public record ConvOptions(
    int strideH,
    int strideW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int dilationH,
    int dilationW,
    int groups) {
  /** Stride 1, no padding, no dilation, one group. */
  public static final ConvOptions DEFAULT = new ConvOptions(1, 1, 0, 0, 0, 0, 1, 1, 1);

  /** The same stride along both axes. */
  public ConvOptions stride(int s) {
    return stride(s, s);
  }

  /** Strides along rows and columns. */
  public ConvOptions stride(int h, int w) {
    return new ConvOptions(
        h, w, padTop, padLeft, padBottom, padRight, dilationH, dilationW, groups);
  }

  /** The same padding on all four sides. */
  public ConvOptions padding(int p) {
    return padding(p, p, p, p);
  }

  /** Padding by {@code h} rows above and below and {@code w} columns left and right. */
  public ConvOptions padding(int h, int w) {
    return padding(h, w, h, w);
  }

  /** Padding of each side. */
  public ConvOptions padding(int top, int left, int bottom, int right) {
    return new ConvOptions(
        strideH, strideW, top, left, bottom, right, dilationH, dilationW, groups);
  }

  /** The same dilation along both axes. */
  public ConvOptions dilation(int d) {
    return dilation(d, d);
  }

  /** Dilation along rows and columns. */
  public ConvOptions dilation(int h, int w) {
    return new ConvOptions(strideH, strideW, padTop, padLeft, padBottom, padRight, h, w, groups);
  }

  /** The number of groups that channels and filters are divided into. */
  public ConvOptions groups(int g) {
    return new ConvOptions(
        strideH, strideW, padTop, padLeft, padBottom, padRight, dilationH, dilationW, g);
  }
}
