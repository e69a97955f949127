package dev.tilework.cpu;

import dev.tilework.Shape;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.ReduceOp.Reduce.Kind;
import java.util.List;

/**
 * Reductions over axes. With neighbouring axes joined, the innermost one is either reduced, and
 * then each result is the sum of contiguous runs, or kept, and then rows of results are sums of
 * rows. Either is cut into parts by the shape alone, and the parts are added in order.
 */
final class Reductions {
  /** Elements of a part of a long reduction. */
  private static final long PART = 1 << 16;

  /** Columns of a part. */
  private static final int COLUMNS = 512;

  private static final int SLOT = 2;

  private Reductions() {}

  static void run(ReduceOp op, List<Operand> out, List<Operand> in) {
    long y = CpuDriver.address(out.get(0));
    switch (op) {
      case ReduceOp.Reduce o ->
          reduce(o.kind(), in.get(0).shape(), o.axes(), CpuDriver.address(in.get(0)), y);
      case ReduceOp.MaxGrad o -> MaxGradients.run(o.axes(), out.get(0), in);
      case ReduceOp.ArgMax o -> ArgMaxima.run(o.axis(), in.get(0), y);
    }
  }

  static void reduce(Kind kind, Shape x, List<Integer> axes, long from, long to) {
    Shape kept = x;
    for (int a : axes) {
      kept = kept.with(a, 1);
    }
    Loops loops = Loops.of(x, x, kept);
    Axes outer = Axes.of(loops, false);
    Axes reduced = Axes.of(loops, true);
    double scale = kind == Kind.MEAN ? (double) kept.elements() / x.elements() : 1;
    boolean max = kind == Kind.MAX;
    if (loops.innerStride(1) == 0) {
      runs(max, scale, loops.inner(), outer, reduced, from, to);
    } else {
      rows(max, scale, Math.toIntExact(loops.inner()), outer, reduced, from, to);
    }
  }

  /** Some of the outer axes: how many indices they have together, and where each is in x. */
  private record Axes(long[] extent, long[] stride, long count) {
    static Axes of(Loops loops, boolean reduced) {
      int n = 0;
      long[] extent = new long[loops.extent.length];
      long[] stride = new long[loops.extent.length];
      long count = 1;
      for (int i = 0; i < loops.extent.length - 1; i++) {
        if ((loops.stride[1][i] == 0) == reduced) {
          extent[n] = loops.extent[i];
          stride[n++] = loops.stride[0][i];
          count *= loops.extent[i];
        }
      }
      return new Axes(
          java.util.Arrays.copyOf(extent, n), java.util.Arrays.copyOf(stride, n), count);
    }

    long offset(long index) {
      long offset = 0;
      for (int i = extent.length - 1; i >= 0; i--) {
        offset += index % extent[i] * stride[i];
        index /= extent[i];
      }
      return 4 * offset;
    }
  }

  // ---- The innermost axis is reduced

  private static void runs(
      boolean max, double scale, long length, Axes outer, Axes reduced, long from, long to) {
    long blocks = (length + PART - 1) / PART;
    long segments = reduced.count * blocks;
    long perPart = Math.max(1, PART / length);
    long parts = (segments + perPart - 1) / perPart;
    if (parts == 1) {
      Parallel.rows(
          outer.count,
          length * reduced.count,
          (i, j) -> {
            for (long o = i; o < j; o++) {
              double v = runs(max, length, reduced, from + outer.offset(o), 0, segments);
              Simd.putFloat(to + 4 * o, (float) (v * scale));
            }
          });
      return;
    }
    double[] values = new double[Math.toIntExact(outer.count * parts)];
    Parallel.run(
        values.length,
        k -> {
          long base = from + outer.offset(k / parts);
          long first = k % parts * perPart;
          long end = Math.min(segments, first + perPart);
          values[k] = runs(max, length, reduced, base, first, end);
        });
    for (int o = 0; o < outer.count; o++) {
      double v = values[(int) (o * parts)];
      for (int p = 1; p < parts; p++) {
        double next = values[(int) (o * parts + p)];
        v = max ? Math.max(v, next) : v + next;
      }
      Simd.putFloat(to + 4L * o, (float) (v * scale));
    }
  }

  /** Reduces some of an output's segments: each a run of elements, or a part of a long one. */
  private static double runs(
      boolean max, long length, Axes reduced, long base, long first, long end) {
    long blocks = (length + PART - 1) / PART;
    double v = max ? Double.NEGATIVE_INFINITY : 0;
    for (long s = first; s < end; s++) {
      long begin = s % blocks * PART;
      long x = base + reduced.offset(s / blocks) + 4 * begin;
      long n = Math.min(PART, length - begin);
      v = max ? Math.max(v, RowMath.max(x, n)) : v + RowMath.sum(x, n);
    }
    return v;
  }

  // ---- The innermost axis is kept

  private static void rows(
      boolean max, double scale, int width, Axes outer, Axes reduced, long from, long to) {
    boolean dense = reduced.extent.length == 1 && reduced.stride[0] == width;
    if (dense && Period.helps(width)) {
      Period p = new Period(width, reduced.count * width);
      // The last row may be short: it is added on its own.
      long whole = p.elements / p.width;
      int rest = (int) (p.elements - whole * p.width);
      columns(max, scale, p, whole, rest, outer, from, to);
      return;
    }
    int panels = (width + COLUMNS - 1) / COLUMNS;
    long rowsPerPart = PART / Math.min(width, COLUMNS);
    long parts = (reduced.count + rowsPerPart - 1) / rowsPerPart;
    long tasks = outer.count * panels;
    long grain =
        Math.max(1, Parallel.GRAIN / Math.max(1, reduced.count * Math.min(width, COLUMNS)));
    long bytes = ColumnMath.bytes(COLUMNS);
    if (parts == 1) {
      Parallel.ranges(
          tasks,
          grain,
          (i, j) -> {
            for (long k = i; k < j; k++) {
              long sums = Scratch.get(SLOT, bytes);
              int c = (int) (k % panels) * COLUMNS;
              int n = Math.min(COLUMNS, width - c);
              long x = from + outer.offset(k / panels) + 4L * c;
              part(max, x, reduced, 0, reduced.count, n, sums);
              long y = to + 4 * (k / panels * width + c);
              finish(max, scale, n, n, 1, bytes, sums, y);
            }
          });
      return;
    }
    // Each part has accumulators of its own.
    long all = Scratch.get(0, tasks * parts * bytes);
    Parallel.run(
        Math.toIntExact(tasks * parts),
        t -> {
          long k = t / parts;
          int c = (int) (k % panels) * COLUMNS;
          int n = Math.min(COLUMNS, width - c);
          long first = t % parts * rowsPerPart;
          long end = Math.min(reduced.count, first + rowsPerPart);
          long x = from + outer.offset(k / panels) + 4L * c;
          part(max, x, reduced, first, end, n, all + t * bytes);
        });
    for (long k = 0; k < tasks; k++) {
      int c = (int) (k % panels) * COLUMNS;
      int n = Math.min(COLUMNS, width - c);
      long y = to + 4 * (k / panels * width + c);
      finish(max, scale, n, n, parts, bytes, all + k * parts * bytes, y);
    }
  }

  /** Narrow rows seen as wider ones. */
  private static void columns(
      boolean max, double scale, Period p, long whole, int rest, Axes outer, long from, long to) {
    long rows = whole + (rest > 0 ? 1 : 0);
    long rowsPerPart = PART / p.width;
    long parts = (rows + rowsPerPart - 1) / rowsPerPart;
    long bytes = ColumnMath.bytes(p.width);
    long grain = parts > 1 ? 1 : Math.max(1, Parallel.GRAIN / (rows * p.width));
    long all = parts > 1 ? Scratch.get(0, outer.count * parts * bytes) : 0;
    Parallel.ranges(
        outer.count * parts,
        grain,
        (i, j) -> {
          for (long t = i; t < j; t++) {
            long o = t / parts;
            long base = from + outer.offset(o);
            long sums = parts > 1 ? all + t * bytes : Scratch.get(SLOT, bytes);
            long first = t % parts * rowsPerPart;
            long end = Math.min(whole, first + rowsPerPart);
            clear(max, p.width, sums);
            add(max, base + 4 * first * p.width, 4L * p.width, end - first, p.width, sums);
            if (rest > 0 && t % parts == parts - 1) {
              addShort(max, base + 4 * whole * p.width, rest, p.width, sums);
            }
            if (parts == 1) {
              finish(max, scale, p.width, p.columns, 1, bytes, sums, to + 4 * o * p.columns);
            }
          }
        });
    for (long o = 0; parts > 1 && o < outer.count; o++) {
      long sums = all + o * parts * bytes;
      finish(max, scale, p.width, p.columns, parts, bytes, sums, to + 4 * o * p.columns);
    }
  }

  private static void clear(boolean max, int width, long sums) {
    int n = ColumnMath.padded(width);
    float identity = max ? Float.NEGATIVE_INFINITY : 0;
    Moves.fillInts(Float.floatToRawIntBits(identity), sums, n);
    Moves.fillInts(0, sums + 4L * n, n);
  }

  private static void add(boolean max, long x, long pitch, long rows, int width, long sums) {
    if (max) {
      ColumnMath.max(x, pitch, rows, width, sums);
    } else {
      ColumnMath.add(x, pitch, rows, width, sums);
    }
  }

  private static void addShort(boolean max, long x, int n, int width, long sums) {
    if (max) {
      ColumnMath.max(x, 0, 1, n, sums);
    } else {
      ColumnMath.addShort(x, n, width, sums);
    }
  }

  private static void part(
      boolean max, long x, Axes reduced, long first, long end, int width, long sums) {
    clear(max, width, sums);
    // Rows that are equally far apart go together.
    int last = reduced.extent.length - 1;
    long run = last < 0 ? 1 : reduced.extent[last];
    long pitch = last < 0 ? 0 : 4 * reduced.stride[last];
    for (long r = first; r < end; ) {
      long n = Math.min(end - r, run - r % run);
      add(max, x + reduced.offset(r), pitch, n, width, sums);
      r += n;
    }
  }

  /** Combines the parts' accumulators and, where columns were repeated, the repetitions. */
  private static void finish(
      boolean max,
      double scale,
      int width,
      int columns,
      long parts,
      long bytes,
      long sums,
      long to) {
    for (int c = 0; c < columns; c++) {
      double v = max ? Double.NEGATIVE_INFINITY : 0;
      for (long p = 0; p < parts; p++) {
        for (int j = c; j < width; j += columns) {
          double next = ColumnMath.value(sums + p * bytes, width, j);
          v = max ? Math.max(v, next) : v + next;
        }
      }
      Simd.putFloat(to + 4L * c, (float) (v * scale));
    }
  }
}
