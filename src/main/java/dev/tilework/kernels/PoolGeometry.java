package dev.tilework.kernels;

import dev.tilework.Shape;

/**
 * The geometry of a pooling window over images in NHWC. The output has {@code outH = (h + padTop +
 * padBottom - kernelH) / strideH + 1} rows, rounded down, and columns likewise.
 */
public record PoolGeometry(
    int n,
    int h,
    int w,
    int c,
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight) {

  /** Checks that the numbers make sense together. */
  public PoolGeometry {
    boolean extents = n >= 1 && h >= 1 && w >= 1 && c >= 1 && kernelH >= 1 && kernelW >= 1;
    boolean pads =
        padTop >= 0
            && padLeft >= 0
            && padBottom >= 0
            && padRight >= 0
            && padTop < kernelH
            && padBottom < kernelH
            && padLeft < kernelW
            && padRight < kernelW;
    if (!extents
        || !pads
        || strideH < 1
        || strideW < 1
        || h + padTop + padBottom < kernelH
        || w + padLeft + padRight < kernelW) {
      throw new IllegalArgumentException(
          "pool2d: images ["
              + n
              + ", "
              + h
              + ", "
              + w
              + ", "
              + c
              + "], window "
              + kernelH
              + "x"
              + kernelW
              + ", stride "
              + strideH
              + "x"
              + strideW
              + ", padding (top "
              + padTop
              + ", left "
              + padLeft
              + ", bottom "
              + padBottom
              + ", right "
              + padRight
              + "); expected extents and strides of at least 1, padding smaller than the window, and a"
              + " window that fits into the padded image");
    }
  }

  /** A square window with one stride and one padding for all sides. */
  public static PoolGeometry of(Shape x, int kernel, int stride, int padding) {
    if (x.rank() != 4) {
      throw new IllegalArgumentException("pool2d: got images " + x + ", expected [n, h, w, c]");
    }
    return new PoolGeometry(
        x.dim(0), x.dim(1), x.dim(2), x.dim(3), kernel, kernel, stride, stride, padding, padding,
        padding, padding);
  }

  /** The rows of the output. */
  public int outH() {
    return (h + padTop + padBottom - kernelH) / strideH + 1;
  }

  /** The columns of the output. */
  public int outW() {
    return (w + padLeft + padRight - kernelW) / strideW + 1;
  }

  /** The input's shape, (n, h, w, c). */
  public Shape inputShape() {
    return Shape.of(n, h, w, c);
  }

  /** The output's shape, (n, outH, outW, c). */
  public Shape outputShape() {
    return Shape.of(n, outH(), outW(), c);
  }
}
