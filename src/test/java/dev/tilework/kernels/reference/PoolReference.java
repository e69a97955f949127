package dev.tilework.kernels.reference;

import dev.tilework.Shape;
import dev.tilework.kernels.PoolGeometry;
import dev.tilework.kernels.PoolOp;
import java.util.List;

/** Pooling. */
final class PoolReference {
  private PoolReference() {}

  /** A range of rows and columns of an image; empty bounds never occur. */
  private record Window(int top, int left, int bottom, int right) {
    int pixels() {
      return (bottom - top) * (right - left);
    }

    static Window of(PoolGeometry g, int p, int q) {
      int top = p * g.strideH() - g.padTop();
      int left = q * g.strideW() - g.padLeft();
      return new Window(
          Math.max(top, 0),
          Math.max(left, 0),
          Math.min(top + g.kernelH(), g.h()),
          Math.min(left + g.kernelW(), g.w()));
    }

    static Window adaptive(int h, int w, int outH, int outW, int p, int q) {
      return new Window(
          p * h / outH,
          q * w / outW,
          ((p + 1) * h + outH - 1) / outH,
          ((q + 1) * w + outW - 1) / outW);
    }
  }

  private interface Cell {
    void at(int n, int p, int q, int c);
  }

  private interface Pixel {
    void at(int row, int column);
  }

  private static void cells(Shape y, Cell cell) {
    for (int n = 0; n < y.dim(0); n++) {
      for (int p = 0; p < y.dim(1); p++) {
        for (int q = 0; q < y.dim(2); q++) {
          for (int c = 0; c < y.dim(3); c++) {
            cell.at(n, p, q, c);
          }
        }
      }
    }
  }

  private static void pixels(Window w, Pixel pixel) {
    for (int row = w.top; row < w.bottom; row++) {
      for (int column = w.left; column < w.right; column++) {
        pixel.at(row, column);
      }
    }
  }

  static void run(PoolOp op, List<HostTensor> in, List<HostTensor> out) {
    HostTensor a = in.get(0);
    HostTensor r = out.get(0);
    switch (op) {
      case PoolOp.Max o -> max(o.geometry(), a, r, out.get(1));
      case PoolOp.MaxGrad o -> {
        HostTensor positions = in.get(1);
        int width = o.geometry().w();
        cells(
            a.shape(),
            (n, p, q, c) -> {
              int i = a.index(n, p, q, c);
              int at = (int) positions.get(i);
              r.add(r.index(n, at / width, at % width, c), a.get(i));
            });
      }
      case PoolOp.Average o ->
          cells(
              r.shape(),
              (n, p, q, c) -> {
                Window w = Window.of(o.geometry(), p, q);
                mean(a, r, w, divisor(o.geometry(), o.countPadding(), w), n, p, q, c);
              });
      case PoolOp.AverageGrad o ->
          cells(
              a.shape(),
              (n, p, q, c) -> {
                Window w = Window.of(o.geometry(), p, q);
                spread(a, r, w, divisor(o.geometry(), o.countPadding(), w), n, p, q, c);
              });
      case PoolOp.AdaptiveAverage o ->
          cells(
              r.shape(),
              (n, p, q, c) -> {
                Shape x = a.shape();
                Window w = Window.adaptive(x.dim(1), x.dim(2), o.outH(), o.outW(), p, q);
                mean(a, r, w, w.pixels(), n, p, q, c);
              });
      case PoolOp.AdaptiveAverageGrad o ->
          cells(
              a.shape(),
              (n, p, q, c) -> {
                Shape y = a.shape();
                Window w = Window.adaptive(o.h(), o.w(), y.dim(1), y.dim(2), p, q);
                spread(a, r, w, w.pixels(), n, p, q, c);
              });
    }
  }

  private static int divisor(PoolGeometry g, boolean countPadding, Window w) {
    return countPadding ? g.kernelH() * g.kernelW() : w.pixels();
  }

  private static void max(PoolGeometry g, HostTensor x, HostTensor y, HostTensor positions) {
    cells(
        y.shape(),
        (n, p, q, c) -> {
          int i = y.index(n, p, q, c);
          int[] best = {-1};
          pixels(
              Window.of(g, p, q),
              (row, column) -> {
                double v = x.get(x.index(n, row, column, c));
                if (best[0] < 0 || v > y.get(i) || Double.isNaN(v) && !Double.isNaN(y.get(i))) {
                  best[0] = row * g.w() + column;
                  y.set(i, v);
                }
              });
          positions.set(i, best[0]);
        });
  }

  private static void mean(
      HostTensor x, HostTensor y, Window w, int divisor, int n, int p, int q, int c) {
    int i = y.index(n, p, q, c);
    pixels(w, (row, column) -> y.add(i, x.get(x.index(n, row, column, c)) / divisor));
  }

  private static void spread(
      HostTensor dy, HostTensor dx, Window w, int divisor, int n, int p, int q, int c) {
    double part = dy.get(dy.index(n, p, q, c)) / divisor;
    pixels(w, (row, column) -> dx.add(dx.index(n, row, column, c), part));
  }
}
