package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.I;
import static dev.tilework.cpu.Simd.LANES;
import static dev.tilework.cpu.Simd.S;

import dev.tilework.Shape;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** The largest value of each window and where it is. */
final class MaxPool {
  private MaxPool() {}

  static void run(Shape shape, Windows rows, Windows columns, long x, long y, long positions) {
    int w = shape.dim(2);
    int c = shape.dim(3);
    int outH = rows.from.length;
    int outW = columns.from.length;
    long window = (long) (rows.to[outH / 2] - rows.from[outH / 2]) * columns.to[0];
    Parallel.rows(
        (long) shape.dim(0) * outH,
        outW * Math.max(1, window / 2) * c,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            int p = (int) (r % outH);
            long image = x + 4L * (r / outH) * shape.dim(1) * w * c;
            for (int q = 0; q < outW; q++) {
              long at = 4 * (r * outW + q) * c;
              window(
                  image,
                  w,
                  c,
                  rows.from[p],
                  rows.to[p],
                  columns.from[q],
                  columns.to[q],
                  y + at,
                  positions + at);
            }
          }
        });
  }

  private static void window(
      long image, int w, int c, int top, int bottom, int left, int right, long y, long positions) {
    int whole = Simd.whole(c);
    for (int j = 0; j < whole; j += LANES) {
      long channel = image + 4L * j;
      FloatVector best = Simd.load(channel + 4L * c * ((long) top * w + left));
      IntVector at = IntVector.broadcast(I, top * w + left);
      for (int r = top; r < bottom; r++) {
        for (int s = left; s < right; s++) {
          int pixel = r * w + s;
          FloatVector v = Simd.load(channel + 4L * c * pixel);
          VectorMask<Float> larger = ArgMaxima.larger(v, best);
          best = best.blend(v, larger);
          at = at.blend(pixel, larger.cast(I));
        }
      }
      Simd.store(best, y + 4L * j);
      Simd.store(at, positions + 4L * j);
    }
    if (whole < c) {
      VectorMask<Float> in = Simd.first(c - whole);
      long channel = image + 4L * whole;
      FloatVector best = Simd.load(channel + 4L * c * ((long) top * w + left), in);
      IntVector at = IntVector.broadcast(I, top * w + left);
      for (int r = top; r < bottom; r++) {
        for (int s = left; s < right; s++) {
          int pixel = r * w + s;
          FloatVector v = Simd.load(channel + 4L * c * pixel, in);
          VectorMask<Float> larger = ArgMaxima.larger(v, best);
          best = best.blend(v, larger);
          at = at.blend(pixel, larger.cast(I));
        }
      }
      Simd.store(best, y + 4L * whole, in);
      Simd.store(at, positions + 4L * whole, in.cast(I));
    }
  }

  static void gradient(
      Shape shape, Windows rows, Windows columns, long dy, long positions, long dx) {
    int h = shape.dim(1);
    int w = shape.dim(2);
    int c = shape.dim(3);
    int outH = rows.from.length;
    int outW = columns.from.length;
    Parallel.rows(
        (long) shape.dim(0) * h,
        2L * w * c,
        (from, to) -> {
          for (long r = from; r < to; r++) {
            int row = (int) (r % h);
            long image = 4L * (r / h) * outH * outW * c;
            for (int s = 0; s < w; s++) {
              pixel(
                  dy + image,
                  positions + image,
                  outW,
                  c,
                  rows.first[row],
                  rows.last[row],
                  columns.first[s],
                  columns.last[s],
                  row * w + s,
                  dx + 4 * (r * w + s) * c);
            }
          }
        });
  }

  private static void pixel(
      long dy,
      long positions,
      int outW,
      int c,
      int top,
      int bottom,
      int left,
      int right,
      int position,
      long dx) {
    for (int j = 0; j < c; j += LANES) {
      FloatVector sum = FloatVector.zero(S);
      if (j + LANES <= c) {
        for (int p = top; p < bottom; p++) {
          for (int q = left; q < right; q++) {
            long at = 4L * (((long) p * outW + q) * c + j);
            VectorMask<Integer> here =
                Simd.loadInts(positions + at).compare(VectorOperators.EQ, position);
            sum = sum.add(FloatVector.zero(S).blend(Simd.load(dy + at), here.cast(S)));
          }
        }
        Simd.store(sum, dx + 4L * j);
      } else {
        VectorMask<Float> in = Simd.first(c - j);
        VectorMask<Integer> inInts = in.cast(I);
        for (int p = top; p < bottom; p++) {
          for (int q = left; q < right; q++) {
            long at = 4L * (((long) p * outW + q) * c + j);
            VectorMask<Integer> here =
                Simd.loadInts(positions + at, inInts).compare(VectorOperators.EQ, position);
            sum = sum.add(FloatVector.zero(S).blend(Simd.load(dy + at, in), here.cast(S)));
          }
        }
        Simd.store(sum, dx + 4L * j, in);
      }
    }
  }
}
