package dev.tilework.opencl;

import dev.tilework.kernels.ConvGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution as an implicit matrix product over a grid of pixels; see conv.cl. Rows and columns
 * are the same thing twice, each an {@link Axis}.
 *
 * @param n images
 */
record Gather(int n, Axis y, Axis x) {
  /**
   * One axis of a grid: point p reads, for tap t, input {@code p * stride + tap + t * tapStep} and
   * writes output {@code p * outStep + out}.
   *
   * @param in the input's extent
   * @param grid the grid's extent
   * @param taps how many taps meet
   * @param kernel position in the kernel of tap 0
   * @param kernelStep from a tap's position in the kernel to the next's
   * @param outExtent the output's extent
   */
  record Axis(
      int in,
      int grid,
      int stride,
      int taps,
      int tap,
      int tapStep,
      int kernel,
      int kernelStep,
      int outExtent,
      int outStep,
      int out) {

    /** Pixel for pixel. */
    static Axis plain(int extent) {
      return forward(extent, extent, 1, 1, 1, 0);
    }

    private boolean inside() {
      return taps == 1 && tap == 0 && (grid - 1) * stride < in;
    }

    private static Axis forward(int in, int out, int stride, int kernel, int dilation, int pad) {
      return new Axis(in, out, stride, kernel, -pad, dilation, 0, 1, out, 1, 0);
    }

    /**
     * Image row r takes output row p from tap i where {@code r + pad - i * dilation = p * stride}.
     * Rows r = remainder + stride * y share the taps for which that divides: every so many from the
     * first of them.
     */
    private static Axis dataGrad(
        int in, int out, int stride, int kernel, int dilation, int pad, int remainder) {
      int first = 0;
      while (first < kernel && Math.floorMod(remainder + pad - first * dilation, stride) != 0) {
        first++;
      }
      int step = 1;
      while (step * dilation % stride != 0) {
        step++;
      }
      return new Axis(
          out,
          Math.ceilDiv(in - remainder, stride),
          1,
          Math.ceilDiv(kernel - first, step),
          Math.floorDiv(remainder + pad - first * dilation, stride),
          -(step * dilation / stride),
          first,
          step,
          in,
          stride,
          remainder);
    }
  }

  /** The forward pass: from images to outputs. */
  static Gather forward(ConvGeometry g) {
    return new Gather(
        g.n(),
        Axis.forward(g.h(), g.outH(), g.strideH(), g.kernelH(), g.dilationH(), g.padTop()),
        Axis.forward(g.w(), g.outW(), g.strideW(), g.kernelW(), g.dilationW(), g.padLeft()));
  }

  /** The gradient to the images: from outputs to images, a grid for each remainder. */
  static List<Gather> dataGrad(ConvGeometry g) {
    List<Gather> grids = new ArrayList<>();
    for (int y = 0; y < Math.min(g.strideH(), g.h()); y++) {
      Axis rows =
          Axis.dataGrad(g.h(), g.outH(), g.strideH(), g.kernelH(), g.dilationH(), g.padTop(), y);
      for (int x = 0; x < Math.min(g.strideW(), g.w()); x++) {
        Axis columns =
            Axis.dataGrad(g.w(), g.outW(), g.strideW(), g.kernelW(), g.dilationW(), g.padLeft(), x);
        grids.add(new Gather(g.n(), rows, columns));
      }
    }
    return grids;
  }

  /** Whether each pixel of the grid reads one of the input's. */
  boolean flat() {
    return y.inside() && x.inside();
  }

  /**
   * The parameters GATHER of gather.cl.
   *
   * @param pixel floats from an input pixel to the next
   * @param channels of which a group reads so many
   */
  List<Integer> from(int pixel, int channels) {
    return List.of(
        y.in(),
        x.in(),
        pixel,
        channels,
        pixels(),
        y.grid(),
        x.grid(),
        y.stride(),
        x.stride(),
        x.taps() == 0 ? 0 : y.taps(),
        // Kernels divide by it, also where there are no taps.
        Math.max(1, x.taps()),
        y.tap(),
        x.tap(),
        y.tapStep(),
        x.tapStep());
  }

  /**
   * The parameters SCATTER of gather.cl.
   *
   * @param pixel floats from an output pixel to the next
   */
  List<Integer> to(int pixel) {
    return List.of(y.outExtent(), x.outExtent(), pixel, y.outStep(), x.outStep(), y.out(), x.out());
  }

  int taps() {
    return y.taps() * x.taps();
  }

  /** Pixels of the grid over all images. */
  int pixels() {
    return n * y.grid() * x.grid();
  }
}
