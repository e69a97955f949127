package dev.tilework.cuda;

import dev.tilework.Shape;
import dev.tilework.kernels.Loops;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.ReduceOp.Reduce.Kind;
import dev.tilework.kernels.plan.Count;
import dev.tilework.kernels.plan.ReductionPass;
import java.util.List;

/** Reductions; see reduce.cu. */
final class Reductions {
  /** Elements of a row that a warp reduces. */
  static final int ROW_SEGMENT = 4096;

  /** Blocks that keep a GPU busy, and the fewest and most rows of columns that one reduces. */
  private static final int BLOCKS = 1024;

  private static final int FEWEST = 64;
  private static final int MOST = 1024;

  private Reductions() {}

  static void run(Session s, ReduceOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    switch (op) {
      case ReduceOp.Reduce o -> {
        Operand x = in.getFirst();
        float scale = o.kind() == Kind.MEAN ? (float) ((double) y.elements() / x.elements()) : 1;
        over(
            s,
            o.kind() == Kind.MAX,
            ReductionPass.of(x.shape(), o.axes()),
            Launcher.address(x),
            Launcher.address(y),
            scale);
      }
      case ReduceOp.MaxGrad o -> maxGradient(s, o.axes(), y, in);
      case ReduceOp.ArgMax o -> argMax(s, o.axis(), in.getFirst(), y);
    }
  }

  private static void over(
      Session s, boolean max, List<ReductionPass> passes, long from, long to, float scale) {
    ReductionPass p = passes.getFirst();
    if (passes.size() == 1) {
      pass(s, max, p, from, to, scale);
      return;
    }
    try (Scratch next = new Scratch(s, (long) p.outer() * p.inner())) {
      long between = next.address().value();
      pass(s, max, p, from, between, 1);
      over(s, max, passes.subList(1, passes.size()), between, to, scale);
    }
  }

  private static void pass(
      Session s, boolean max, ReductionPass p, long from, long to, float scale) {
    if (p.inner() == 1) {
      rows(s, max, p.outer(), p.extent(), from, to, scale);
    } else {
      columns(s, max, p, from, to, scale);
    }
  }

  /** Reduces each row. */
  static void rows(Session s, boolean max, int rows, int length, long from, long to, float scale) {
    int segments = Math.ceilDiv(length, ROW_SEGMENT);
    if (segments == 1) {
      rows(s, max, rows, length, 1, length, from, to, scale);
      return;
    }
    try (Scratch parts = new Scratch(s, (long) rows * segments)) {
      long between = parts.address().value();
      rows(s, max, rows * segments, length, segments, ROW_SEGMENT, from, between, 1);
      rows(s, max, rows, segments, between, to, scale);
    }
  }

  private static void rows(
      Session s,
      boolean max,
      int results,
      int length,
      int segments,
      int segment,
      long from,
      long to,
      float scale) {
    // A row's segments are multiples of four where the row is.
    s.launcher.launch(
        "reduce_rows_" + (max ? "max_" : "sum_") + Width.of(length, from),
        Grid.warps(results),
        from,
        to,
        results,
        length,
        segments,
        segment,
        scale);
  }

  /** How many rows of some columns a block reduces, where so many blocks share them. */
  static int segment(long blocks, int rows) {
    return Math.clamp(rows * blocks / BLOCKS, FEWEST, MOST);
  }

  private static void columns(
      Session s, boolean max, ReductionPass p, long from, long to, float scale) {
    int width = Width.of(p.inner(), from, to);
    long blocks = (long) p.outer() * Grid.columns(p.inner(), width, 1, 1).x();
    int segment = segment(blocks, p.extent());
    int segments = Math.ceilDiv(p.extent(), segment);
    // Blocks along z are few; more arrays than that are reduced in several launches.
    for (int first = 0; first < p.outer(); first += Grid.MOST) {
      int arrays = Math.min(Grid.MOST, p.outer() - first);
      long x = from + 4L * first * p.extent() * p.inner();
      long y = to + 4L * first * p.inner();
      if (segments == 1) {
        launch(s, max, width, arrays, 1, p.extent(), p.inner(), segment, x, y, scale);
        continue;
      }
      try (Scratch parts = new Scratch(s, (long) arrays * segments * p.inner())) {
        long between = parts.address().value();
        launch(s, max, width, arrays, segments, p.extent(), p.inner(), segment, x, between, 1);
        columns(s, max, new ReductionPass(arrays, segments, p.inner()), between, y, scale);
      }
    }
  }

  private static void launch(
      Session s,
      boolean max,
      int width,
      int arrays,
      int segments,
      int extent,
      int inner,
      int segment,
      long from,
      long to,
      float scale) {
    s.launcher.launch(
        "reduce_columns_" + (max ? "max_" : "sum_") + width,
        Grid.columns(inner, width, segments, arrays),
        from,
        to,
        extent,
        inner,
        segment,
        scale);
  }

  private static void argMax(Session s, int axis, Operand x, Operand y) {
    Count.of(x);
    Shape shape = x.shape();
    int results = Count.of(y);
    int extent = shape.dim(axis);
    int inner = (int) shape.product(axis + 1, shape.rank());
    if (inner == 1) {
      s.launcher.launch("argmax_rows", Grid.warps(results), x, y, results, extent);
    } else {
      s.launcher.launch("argmax_columns", Grid.linear(results), x, y, results, extent, inner);
    }
  }

  /** 1 where x is the maximum, else 0; times dy over the sum of these. */
  private static void maxGradient(Session s, List<Integer> axes, Operand dx, List<Operand> in) {
    int n = Count.of(dx);
    Operand dy = in.get(0);
    int results = Count.of(dy);
    Struct loops = Struct.of(Loops.of(dx.shape(), dx.shape(), dy.shape()));
    try (Scratch count = new Scratch(s, results)) {
      s.launcher.launch("mark_maxima", Grid.fours(n), in.get(2), in.get(1), dx, n, loops);
      long shares = count.address().value();
      over(s, false, ReductionPass.of(dx.shape(), axes), Launcher.address(dx), shares, 1);
      s.launcher.launch("divide_maxima", Grid.fours(results), dy, shares, shares, results);
      s.launcher.launch("loops_multiply", Grid.fours(n), dx, shares, dx, n, loops);
    }
  }
}
