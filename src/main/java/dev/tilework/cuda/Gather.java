package dev.tilework.cuda;

import dev.tilework.kernels.ConvGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * Which pixels meet which kernel positions in a convolution or in a part of a data gradient: the
 * struct Gather of {@code kernels/cuda/gather.cuh}, which explains each number.
 */
record Gather(
    int images,
    int inH,
    int inW,
    int inPitch,
    int rows,
    int columns,
    int scaleH,
    int scaleW,
    Axis h,
    Axis w,
    int channels,
    int kernelH,
    int kernelW,
    int outH,
    int outW,
    int outPitch,
    int filters) {

  /**
   * What holds of one axis.
   *
   * @param offset of the source pixel of result 0 and tap 0
   * @param step from a tap to the next, in source pixels
   * @param taps how many kernel positions meet the results
   * @param firstTap the first of them
   * @param tapStride from one to the next
   * @param first the first result pixel in memory
   * @param stride from one to the next
   */
  record Axis(int offset, int step, int taps, int firstTap, int tapStride, int first, int stride) {}

  /**
   * A forward convolution.
   *
   * @param channels of a group, as they lie in memory (padded)
   * @param outPitch channels of all groups of the result, as they lie in memory
   */
  static Gather forward(ConvGeometry g, int channels, int outPitch) {
    return new Gather(
        g.n(),
        g.h(),
        g.w(),
        channels * g.groups(),
        g.outH(),
        g.outW(),
        g.strideH(),
        g.strideW(),
        new Axis(-g.padTop(), g.dilationH(), g.kernelH(), 0, 1, 0, 1),
        new Axis(-g.padLeft(), g.dilationW(), g.kernelW(), 0, 1, 0, 1),
        channels,
        g.kernelH(),
        g.kernelW(),
        g.outH(),
        g.outW(),
        outPitch,
        g.filtersPerGroup());
  }

  /**
   * The parts of a data gradient: one for each remainder of a pixel's row and column by the
   * strides.
   *
   * @param filters of a group, as they lie in memory (padded)
   */
  static List<Gather> dataGradient(ConvGeometry g, int filters) {
    List<Gather> parts = new ArrayList<>();
    for (int row = 0; row < Math.min(g.strideH(), g.h()); row++) {
      Axis h = part(row, g.padTop(), g.strideH(), g.dilationH(), g.kernelH());
      for (int column = 0; column < Math.min(g.strideW(), g.w()); column++) {
        Axis w = part(column, g.padLeft(), g.strideW(), g.dilationW(), g.kernelW());
        parts.add(
            new Gather(
                g.n(),
                g.outH(),
                g.outW(),
                filters * g.groups(),
                (g.h() - row + g.strideH() - 1) / g.strideH(),
                (g.w() - column + g.strideW() - 1) / g.strideW(),
                1,
                1,
                h,
                w,
                filters,
                g.kernelH(),
                g.kernelW(),
                g.h(),
                g.w(),
                g.c(),
                g.channelsPerGroup()));
      }
    }
    return parts;
  }

  /**
   * Pixel {@code first + k * stride} of the image was under tap i of result {@code (first + k *
   * stride + pad - i * dilation) / stride} where that is whole: for every k alike, and for the taps
   * that lie some whole number of strides apart.
   */
  private static Axis part(int first, int pad, int stride, int dilation, int kernel) {
    int apart = stride / gcd(stride, dilation);
    for (int i = 0; i < Math.min(apart, kernel); i++) {
      if (Math.floorMod(first + pad - i * dilation, stride) == 0) {
        int taps = (kernel - i + apart - 1) / apart;
        int offset = Math.floorDiv(first + pad - i * dilation, stride);
        return new Axis(offset, -(apart * dilation / stride), taps, i, apart, first, stride);
      }
    }
    return new Axis(0, 0, 0, 0, 1, first, stride);
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** The result's pixels. */
  long pixels() {
    return (long) images * rows * columns;
  }

  /** The length of each sum. */
  long depth() {
    return (long) h.taps * w.taps * channels;
  }

  Struct struct() {
    // Kernels divide by the taps of a row. Where there are none, there are no rows of taps either.
    int tapsH = w.taps == 0 ? 0 : h.taps;
    int tapsW = Math.max(1, w.taps);
    return new Struct()
        .ints(images, inH, inW, inPitch, rows, columns, scaleH, scaleW, h.offset, w.offset)
        .ints(h.step, w.step, tapsH, tapsW, channels, kernelH, kernelW)
        .ints(h.firstTap, h.tapStride, w.firstTap, w.tapStride, outH, outW, outPitch)
        .ints(h.first, h.stride, w.first, w.stride, filters);
  }
}
