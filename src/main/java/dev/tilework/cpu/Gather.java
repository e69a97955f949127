package dev.tilework.cpu;

import dev.tilework.kernels.ConvGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution as an implicit matrix product: row m is an output pixel, column a filter, and the
 * sum runs over taps and over the channels of each tap. Output pixel (n, y, x) of the grid reads,
 * for tap t, input pixel (n, y * strideY + tapY[t], x * strideX + tapX[t]), zero where that is
 * outside the image, and is written to output pixel (n, y * outStepY + outY, x * outStepX + outX).
 *
 * <p>The forward pass has one such grid. The gradient to the images has one for each remainder of
 * the output's position modulo the stride: within one, the taps that meet are always the same.
 *
 * @param n images
 * @param inH rows of the input
 * @param inW columns of the input
 * @param gridH rows of the grid
 * @param gridW columns of the grid
 * @param strideY input rows from one grid row to the next
 * @param strideX input columns from one grid column to the next
 * @param outH rows of the output
 * @param outW columns of the output
 * @param outStepY output rows from one grid row to the next
 * @param outStepX output columns from one grid column to the next
 * @param outY output row of grid row 0
 * @param outX output column of grid column 0
 * @param tapY row offset of each tap
 * @param tapX column offset of each tap
 * @param taps position of each tap in the weights, {@code i * kernelW + j}
 */
record Gather(
    int n,
    int inH,
    int inW,
    int gridH,
    int gridW,
    int strideY,
    int strideX,
    int outH,
    int outW,
    int outStepY,
    int outStepX,
    int outY,
    int outX,
    int[] tapY,
    int[] tapX,
    int[] taps) {

  /** The forward pass: from images to outputs. */
  static Gather forward(ConvGeometry g) {
    int t = g.kernelH() * g.kernelW();
    int[] tapY = new int[t];
    int[] tapX = new int[t];
    int[] taps = new int[t];
    for (int i = 0; i < t; i++) {
      tapY[i] = i / g.kernelW() * g.dilationH() - g.padTop();
      tapX[i] = i % g.kernelW() * g.dilationW() - g.padLeft();
      taps[i] = i;
    }
    return new Gather(
        g.n(),
        g.h(),
        g.w(),
        g.outH(),
        g.outW(),
        g.strideH(),
        g.strideW(),
        g.outH(),
        g.outW(),
        1,
        1,
        0,
        0,
        tapY,
        tapX,
        taps);
  }

  /**
   * The gradient to the images: from outputs to images. Image row r takes output row p from tap i
   * where r + padTop - i * dilationH = p * strideH; rows r = outY + strideH * y of one grid share
   * the taps for which that divides.
   */
  static List<Gather> dataGrad(ConvGeometry g) {
    List<Gather> grids = new ArrayList<>();
    for (int ry = 0; ry < Math.min(g.strideH(), g.h()); ry++) {
      for (int rx = 0; rx < Math.min(g.strideW(), g.w()); rx++) {
        grids.add(dataGrad(g, ry, rx));
      }
    }
    return grids;
  }

  private static Gather dataGrad(ConvGeometry g, int ry, int rx) {
    List<int[]> found = new ArrayList<>();
    for (int i = 0; i < g.kernelH(); i++) {
      for (int j = 0; j < g.kernelW(); j++) {
        int y = ry + g.padTop() - i * g.dilationH();
        int x = rx + g.padLeft() - j * g.dilationW();
        if (Math.floorMod(y, g.strideH()) == 0 && Math.floorMod(x, g.strideW()) == 0) {
          found.add(
              new int[] {
                Math.floorDiv(y, g.strideH()), Math.floorDiv(x, g.strideW()), i * g.kernelW() + j
              });
        }
      }
    }
    return new Gather(
        g.n(),
        g.outH(),
        g.outW(),
        (g.h() - ry + g.strideH() - 1) / g.strideH(),
        (g.w() - rx + g.strideW() - 1) / g.strideW(),
        1,
        1,
        g.h(),
        g.w(),
        g.strideH(),
        g.strideW(),
        ry,
        rx,
        found.stream().mapToInt(f -> f[0]).toArray(),
        found.stream().mapToInt(f -> f[1]).toArray(),
        found.stream().mapToInt(f -> f[2]).toArray());
  }

  /** Whether the grid covers the output pixel by pixel, so that grid rows follow one another. */
  boolean dense() {
    return outStepY == 1 && outStepX == 1;
  }
}
