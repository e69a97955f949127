package dev.tilework.cpu;

import static dev.tilework.cpu.WinogradTransforms.FREQUENCIES;
import static dev.tilework.cpu.WinogradTransforms.OUT;
import static dev.tilework.cpu.WinogradTransforms.POINTS;

import dev.tilework.kernels.ConvGeometry;

/**
 * 3x3 convolution with stride 1 by Winograd's F(4x4, 3x3): tiles of 4x4 output pixels become 36
 * products of matrices (tiles by channels, channels by filters), a quarter of the multiplications.
 * Its rounding errors are several times those of the direct sum, about 1e-5 of the result's scale.
 *
 * <p>Tiles are done block by block in each thread, so that transformed data stay in the second
 * cache; where the transformed weights outweigh a block, all tiles go through one stage after the
 * other instead, so that the weights are read once.
 */
final class Winograd {
  private static final long BLOCK_BYTES = 320 << 10;

  /** Transformed weights that may be read again for each block: a part of the shared cache. */
  private static final long WEIGHT_BYTES = 3 << 20;

  /**
   * Bytes between rows of transformed data that keep equal columns out of each other's cache sets.
   */
  private static final long SKEW = 64;

  /** Bytes after the weights of a frequency, which keep the frequencies in different cache sets. */
  private static final long WEIGHT_SKEW = 576;

  private final int inH;
  private final int inW;
  private final int outH;
  private final int outW;
  private final int padTop;
  private final int padLeft;
  private final int channels;
  private final int filters;
  private final int tilesX;
  private final int tilesY;
  private final int tiles;
  private final long in;
  private final long weights;
  private final long out;
  private final Epilogue epilogue;
  private final long inRow;
  private final long outRow;

  /**
   * The forward convolution, or with {@code gradient} the one that gives the gradient to the
   * images: of the output gradient by the flipped weights.
   *
   * @param weights as packed by {@link #pack}
   */
  Winograd(ConvGeometry g, boolean gradient, long in, long weights, long out, Epilogue epilogue) {
    inH = gradient ? g.outH() : g.h();
    inW = gradient ? g.outW() : g.w();
    outH = gradient ? g.h() : g.outH();
    outW = gradient ? g.w() : g.outW();
    padTop = gradient ? 2 - g.padTop() : g.padTop();
    padLeft = gradient ? 2 - g.padLeft() : g.padLeft();
    channels = gradient ? g.o() : g.c();
    filters = gradient ? g.c() : g.o();
    tilesX = (outW + OUT - 1) / OUT;
    tilesY = (outH + OUT - 1) / OUT;
    tiles = Math.multiplyExact(g.n(), tilesX * tilesY);
    this.in = in;
    this.weights = weights;
    this.out = out;
    this.epilogue = epilogue;
    inRow = 4L * channels + SKEW;
    outRow = 4L * filters + SKEW;
  }

  /** Whether the shapes allow it. */
  static boolean fits(ConvGeometry g) {
    return g.kernelH() == 3
        && g.kernelW() == 3
        && g.strideH() == 1
        && g.strideW() == 1
        && g.dilationH() == 1
        && g.dilationW() == 1
        && g.groups() == 1
        && g.padTop() <= 2
        && g.padLeft() <= 2
        && g.c() % Simd.LANES == 0
        && g.o() % Simd.LANES == 0;
  }

  static long packedBytes(ConvGeometry g, boolean gradient) {
    return FREQUENCIES * frequencyBytes(g, gradient);
  }

  private static long frequencyBytes(ConvGeometry g, boolean gradient) {
    return gradient ? frequencyBytes(g.c(), g.o()) : frequencyBytes(g.o(), g.c());
  }

  private static long frequencyBytes(int columns, int depth) {
    return Panels.bytes(columns, depth) + WEIGHT_SKEW;
  }

  /** Transforms weights (o, 3, 3, c) into panels for each frequency. */
  static void pack(ConvGeometry g, boolean gradient, long w, long to) {
    long frequency = frequencyBytes(g, gradient);
    if ((gradient ? g.c() : g.o()) % Tile.COLUMNS != 0) {
      Simd.zero(to, FREQUENCIES * frequency);
    }
    if (gradient) {
      Parallel.run(g.o(), o -> packRow(g, o, w, to, frequency));
    } else {
      int vectors = g.c() / Simd.LANES;
      Parallel.run(
          Panels.count(g.o()) * vectors,
          i -> packColumns(g, i / vectors, i % vectors * Simd.LANES, w, to, frequency));
    }
  }

  /** A filter as a row of the gradient's panels, whose columns are the channels. */
  private static void packRow(ConvGeometry g, int o, long w, long to, long frequency) {
    long temporary = Scratch.get(2, WinogradTransforms.temporaryBytes());
    for (int c = 0; c < g.c(); c += Simd.LANES) {
      long at =
          c / Tile.COLUMNS * Panels.panelBytes(g.o())
              + 4L * ((long) o * Tile.COLUMNS + c % Tile.COLUMNS);
      long from = w + 4L * (9L * o * g.c() + c);
      WinogradTransforms.weights(from, 4L * g.c(), true, to + at, frequency, temporary);
    }
  }

  /** A vector of channels as rows of a forward panel, whose columns are filters. */
  private static void packColumns(
      ConvGeometry g, int panel, int c, long w, long to, long frequency) {
    long temporary = Scratch.get(2, 2 * WinogradTransforms.temporaryBytes());
    long vectors = temporary + WinogradTransforms.temporaryBytes();
    int first = panel * Tile.COLUMNS;
    int last = Math.min(g.o(), first + Tile.COLUMNS);
    long rows = to + panel * Panels.panelBytes(g.c()) + c * Tile.PANEL_STEP;
    for (int o = first; o < last; o++) {
      long from = w + 4L * (9L * o * g.c() + c);
      WinogradTransforms.weights(from, 4L * g.c(), false, vectors, Simd.BYTES, temporary);
      for (int f = 0; f < FREQUENCIES; f++) {
        long at = rows + f * frequency + 4L * (o - first);
        for (int i = 0; i < Simd.LANES; i++) {
          Simd.putFloat(
              at + i * Tile.PANEL_STEP, Simd.getFloat(vectors + (long) f * Simd.BYTES + 4L * i));
        }
      }
    }
  }

  void run(CpuMemory memory) {
    long tileBytes = FREQUENCIES * (inRow + outRow);
    int block = Math.clamp(BLOCK_BYTES / tileBytes, 1, tiles);
    // Whole tiles of the product where the block allows.
    block = block < Tile.ROWS ? Math.min(Tile.ROWS, tiles) : block / Tile.ROWS * Tile.ROWS;
    int blocks = (tiles + block - 1) / block;
    long weightBytes = (long) FREQUENCIES * Panels.bytes(filters, channels);
    if (weightBytes > WEIGHT_BYTES && block < 128 || blocks < 2 * Parallel.THREADS) {
      stages(memory);
      return;
    }
    int tilesInBlock = block;
    Parallel.run(
        blocks,
        b -> {
          int first = (int) ((long) tiles * b / blocks);
          int n = (int) ((long) tiles * (b + 1) / blocks) - first;
          long fv = frequencyStep(tilesInBlock + 1, inRow);
          long fm = frequencyStep(tilesInBlock + 1, outRow);
          long v = Scratch.get(1, FREQUENCIES * (fv + fm));
          long m = v + FREQUENCIES * fv;
          input(first, n, 0, channels, v, fv);
          products(0, FREQUENCIES, 0, Panels.count(filters), 0, n, v, fv, m, fm);
          output(first, n, 0, filters, m, fm);
        });
  }

  private void stages(CpuMemory memory) {
    int most =
        Math.clamp((48L << 20) / (FREQUENCIES * (inRow + outRow)), Math.min(tiles, 96), tiles);
    int rounds = (tiles + most - 1) / most;
    long fv = frequencyStep(most + 1, inRow);
    long fm = frequencyStep(most + 1, outRow);
    CpuBuffer.Block work = memory.take(FREQUENCIES * (fv + fm));
    try {
      long v = work.address();
      long m = v + FREQUENCIES * fv;
      for (int r = 0; r < rounds; r++) {
        int first = (int) ((long) tiles * r / rounds);
        int n = (int) ((long) tiles * (r + 1) / rounds) - first;
        stage(first, n, v, fv, m, fm);
      }
    } finally {
      memory.giveBack(work);
    }
  }

  private void stage(int first, int n, long v, long fv, long m, long fm) {
    int panels = Panels.count(filters);
    int shares = Math.clamp(8L * Parallel.THREADS / n, 1, channels / Simd.LANES);
    Parallel.run(
        n * shares,
        i -> {
          int c = channels / Simd.LANES;
          int s = i % shares;
          input(
              first + i / shares,
              1,
              c * s / shares * Simd.LANES,
              c * (s + 1) / shares * Simd.LANES,
              v + i / shares * inRow,
              fv);
        });
    int groups = Math.min(panels, 4);
    int rows = Math.max(1, n / 96);
    Parallel.run(
        FREQUENCIES * groups * rows,
        i -> {
          int r = i % rows;
          int p = i / rows % groups;
          int f = i / rows / groups;
          products(
              f,
              f + 1,
              p * panels / groups,
              (p + 1) * panels / groups,
              n * r / rows,
              n * (r + 1) / rows,
              v,
              fv,
              m,
              fm);
        });
    int outShares = Math.clamp(8L * Parallel.THREADS / n, 1, filters / Simd.LANES);
    Parallel.run(
        n * outShares,
        i -> {
          int c = filters / Simd.LANES;
          int s = i % outShares;
          output(
              first + i / outShares,
              1,
              c * s / outShares * Simd.LANES,
              c * (s + 1) / outShares * Simd.LANES,
              m + i / outShares * outRow,
              fm);
        });
  }

  private static long frequencyStep(int rows, long row) {
    return ((rows * row + 4095) & -4096L) + 320;
  }

  private void input(int first, int n, int c0, int c1, long v, long frequency) {
    long temporary = Scratch.get(2, WinogradTransforms.temporaryBytes());
    long zero = DirectConv.zeros(Simd.BYTES);
    long pixel = 4L * channels;
    for (int i = 0; i < n; i++) {
      int t = first + i;
      int x = t % tilesX * OUT - padLeft;
      int y = t / tilesX % tilesY * OUT - padTop;
      long image = t / tilesX / tilesY;
      long d = in + ((image * inH + y) * inW + x) * pixel;
      int y0 = Math.max(0, -y);
      int y1 = Math.min(POINTS, inH - y);
      int x0 = Math.max(0, -x);
      int x1 = Math.min(POINTS, inW - x);
      for (int c = c0; c < c1; c += Simd.LANES) {
        WinogradTransforms.input(
            d + 4L * c,
            inW * pixel,
            pixel,
            y0,
            y1,
            x0,
            x1,
            zero,
            v + i * inRow + 4L * c,
            frequency,
            temporary);
      }
    }
  }

  private void products(
      int f0, int f1, int p0, int p1, int r0, int r1, long v, long fv, long m, long fm) {
    long frequency = frequencyBytes(filters, channels);
    for (int f = f0; f < f1; f++) {
      Product.block(
          v + f * fv + r0 * inRow,
          inRow,
          r1 - r0,
          channels,
          weights + f * frequency,
          filters,
          p0,
          p1,
          m + f * fm + r0 * outRow,
          outRow,
          Epilogue.NONE);
    }
  }

  private void output(int first, int n, int c0, int c1, long m, long frequency) {
    long temporary = Scratch.get(2, WinogradTransforms.temporaryBytes());
    long pixel = 4L * filters;
    for (int i = 0; i < n; i++) {
      int t = first + i;
      int x = t % tilesX * OUT;
      int y = t / tilesX % tilesY * OUT;
      long image = t / tilesX / tilesY;
      long o = out + ((image * outH + y) * outW + x) * pixel;
      int rows = Math.min(OUT, outH - y);
      int columns = Math.min(OUT, outW - x);
      for (int c = c0; c < c1; c += Simd.LANES) {
        WinogradTransforms.output(
            m + i * outRow + 4L * c,
            frequency,
            o + 4L * c,
            outW * pixel,
            pixel,
            rows,
            columns,
            temporary);
      }
      if (!epilogue.isNone()) {
        for (int r = 0; r < rows; r++) {
          epilogue.apply(o + r * outW * pixel + 4L * c0, pixel, columns, c0, c1 - c0);
        }
      }
    }
  }
}
