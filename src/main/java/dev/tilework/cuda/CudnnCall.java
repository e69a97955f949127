package dev.tilework.cuda;

import dev.tilework.Precision;
import dev.tilework.kernels.ConvGeometry;

/**
 * A convolution in the numbers that cuDNN's descriptors take: extents in the order (n, c, h, w) and
 * (k, c, h, w), whatever the layout, which is NHWC here.
 *
 * @param x the images
 * @param w the weights, whose c is that of a group
 * @param y the result
 * @param tensorCores whether factors may be rounded to TF32
 */
record CudnnCall(
    Extents x,
    Extents w,
    Extents y,
    int padH,
    int padW,
    int strideH,
    int strideW,
    int dilationH,
    int dilationW,
    int groups,
    boolean tensorCores) {

  /** Extents of a tensor of four axes; those of weights are (filters, channels, rows, columns). */
  record Extents(int n, int c, int h, int w) {}

  /**
   * Whether cuDNN can be asked for it: with the padding on both sides the same, and in a precision
   * that it offers for float32 tensors.
   */
  static boolean fits(ConvGeometry g, Precision p) {
    return g.padTop() == g.padBottom()
        && g.padLeft() == g.padRight()
        && (p == Precision.FP32 || p == Precision.TF32);
  }

  static CudnnCall of(ConvGeometry g, Precision p) {
    return new CudnnCall(
        new Extents(g.n(), g.c(), g.h(), g.w()),
        new Extents(g.o(), g.channelsPerGroup(), g.kernelH(), g.kernelW()),
        new Extents(g.n(), g.o(), g.outH(), g.outW()),
        g.padTop(),
        g.padLeft(),
        g.strideH(),
        g.strideW(),
        g.dilationH(),
        g.dilationW(),
        g.groups(),
        p == Precision.TF32);
  }
}
