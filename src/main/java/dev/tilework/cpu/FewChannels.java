package dev.tilework.cpu;

import dev.tilework.kernels.ConvGeometry;

/**
 * Convolutions over images of few channels, such as a network's first: with a border of zeros
 * around each image, the pixels that a row of the kernel meets are {@code kernelW * c} floats in a
 * row, so that a tap is a whole kernel row. A few images at a time are copied into a bordered form.
 */
final class FewChannels {
  private static final long CHUNK_BYTES = 4 << 20;

  private final ConvGeometry g;
  private final int height;
  private final int width;
  private final int images;

  FewChannels(ConvGeometry g) {
    this.g = g;
    this.height = (g.outH() - 1) * g.strideH() + (g.kernelH() - 1) * g.dilationH() + 1;
    this.width = (g.outW() - 1) * g.strideW() + g.kernelW();
    this.images = Math.clamp(CHUNK_BYTES / (4L * height * width * g.c()), 1, g.n());
  }

  static boolean fits(ConvGeometry g) {
    return g.groups() == 1 && g.c() < Tile.COLUMNS / 2 && g.kernelW() > 1 && g.dilationW() == 1;
  }

  void forward(long x, long weights, long y, Epilogue epilogue, CpuMemory memory) {
    CpuBuffer.Block bordered = memory.take(chunkBytes());
    try {
      for (int first = 0; first < g.n(); first += images) {
        int n = Math.min(images, g.n() - first);
        border(x, first, n, bordered.address());
        long out = y + 4L * first * g.outH() * g.outW() * g.o();
        new DirectConv(
                merged(n),
                bordered.address(),
                4L * g.c(),
                g.kernelW() * g.c(),
                weights,
                out,
                4L * g.o(),
                g.o(),
                epilogue)
            .run();
      }
    } finally {
      memory.giveBack(bordered);
    }
  }

  void weightGrad(long x, long dy, long dw, CpuMemory memory) {
    CpuBuffer.Block bordered = memory.take(chunkBytes());
    try {
      for (int first = 0; first < g.n(); first += images) {
        int n = Math.min(images, g.n() - first);
        border(x, first, n, bordered.address());
        long from = dy + 4L * first * g.outH() * g.outW() * g.o();
        new WeightGradient(
                merged(n), 1, g.o(), g.kernelW() * g.c(), bordered.address(), 4L * g.c(), from)
            .run(dw, first > 0, memory);
      }
    } finally {
      memory.giveBack(bordered);
    }
  }

  private long chunkBytes() {
    return 4L * images * height * width * g.c();
  }

  /** The convolution over bordered images, its taps whole kernel rows. */
  private Gather merged(int n) {
    int[] tapY = new int[g.kernelH()];
    int[] taps = new int[g.kernelH()];
    for (int i = 0; i < g.kernelH(); i++) {
      tapY[i] = i * g.dilationH();
      taps[i] = i;
    }
    return new Gather(
        n,
        height,
        width,
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
        new int[g.kernelH()],
        taps);
  }

  private void border(long x, int first, int n, long to) {
    long row = 4L * width * g.c();
    Parallel.ranges(
        (long) n * height,
        64,
        (a, b) -> {
          for (long r = a; r < b; r++) {
            int y = (int) (r % height) - g.padTop();
            borderRow(x, first + r / height, y, to + r * row);
          }
        });
  }

  private void borderRow(long x, long image, int y, long to) {
    long row = 4L * width * g.c();
    if (y < 0 || y >= g.h()) {
      Simd.zero(to, row);
      return;
    }
    int left = Math.min(g.padLeft(), width);
    int inside = Math.clamp(width - left, 0, g.w());
    long pixel = 4L * g.c();
    Simd.zero(to, left * pixel);
    Simd.copy(x + (image * g.h() + y) * g.w() * pixel, to + left * pixel, inside * pixel);
    Simd.zero(to + (left + inside) * pixel, (width - left - inside) * pixel);
  }
}
