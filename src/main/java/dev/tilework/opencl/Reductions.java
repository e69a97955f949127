package dev.tilework.opencl;

import dev.tilework.Shape;
import dev.tilework.kernels.Operand;
import dev.tilework.kernels.ReduceOp;
import dev.tilework.kernels.ReduceOp.Reduce.Kind;
import dev.tilework.kernels.plan.Count;
import java.util.List;

/** Reductions; see reduce.cl and maximum.cl. */
final class Reductions {
  /** Elements that a work-item, or a work group, reduces at a time. */
  private static final int ROW_SEGMENT = 1 << 12;

  private static final int SHARED_ROW_SEGMENT = 1 << 13;

  /** As in maximum.cl. */
  private static final int ARGMAX_VECTORS = 4;

  private Reductions() {}

  static void run(Session s, ReduceOp op, List<Operand> out, List<Operand> in) {
    Operand y = out.getFirst();
    switch (op) {
      case ReduceOp.Reduce o -> {
        Operand x = in.getFirst();
        float scale = o.kind() == Kind.MEAN ? (float) ((double) y.elements() / x.elements()) : 1;
        new AxisReduction(s, o.kind() == Kind.MAX, x.shape(), o.axes()).run(x, y, scale);
      }
      case ReduceOp.MaxGrad o -> MaxGradient.run(s, o.axes(), y, in);
      case ReduceOp.ArgMax o -> argMax(s, o.axis(), in.getFirst(), y);
    }
  }

  private static void argMax(Session s, int axis, Operand x, Operand y) {
    Count.of(x);
    Shape shape = x.shape();
    int results = Count.of(y);
    int extent = shape.dim(axis);
    int inner = (int) shape.product(axis + 1, shape.rank());
    if (inner == 1) {
      Rows.launch(s, "argmax_rows", results, extent, 2, x, y, extent);
    } else {
      int vectors = s.tuning.get(Parameter.COLUMN_VECTORS);
      int panel = s.tuning.get(Parameter.ELEMENT_VECTOR) * Math.min(vectors, ARGMAX_VECTORS);
      Divisor panels = new Divisor((inner + panel - 1) / panel);
      Grid grid = Grid.linear(s, (long) panels.by() * (results / inner));
      s.launcher.launch("argmax_columns", grid, x, y, results, extent, inner, panels);
    }
  }

  /**
   * Reduces [outer, extent, inner] to [outer, inner].
   *
   * @param from an {@link Operand} or a {@link Memory.View}, as {@code to}
   */
  static void middle(
      Session s,
      boolean max,
      float scale,
      int outer,
      int extent,
      int inner,
      Object from,
      Object to) {
    if (inner == 1) {
      rows(s, max, scale, outer, extent, from, to);
    } else {
      columns(s, max, scale, outer, extent, inner, from, to);
    }
  }

  private static String name(boolean max, String kernel) {
    return (max ? "max" : "sum") + kernel;
  }

  /** How long the segments of long rows are. */
  static int rowSegment(Session s, int length) {
    return Rows.group(s, length, 1) == 1 ? ROW_SEGMENT : SHARED_ROW_SEGMENT;
  }

  /** Reduces each row. */
  static void rows(
      Session s, boolean max, float scale, int rows, int length, Object from, Object to) {
    int segment = rowSegment(s, length);
    int segments = (length + segment - 1) / segment;
    if (segments == 1) {
      rows(s, max, scale, rows, length, 1, length, from, to);
      return;
    }
    try (Scratch parts = Scratch.floats(s, (long) rows * segments)) {
      rows(s, max, 1, rows, length, segments, segment, from, parts.view);
      rows(s, max, scale, rows, segments, parts.view, to);
    }
  }

  private static void rows(
      Session s,
      boolean max,
      float scale,
      int rows,
      int length,
      int segments,
      int segment,
      Object from,
      Object to) {
    int results = rows * segments;
    Object[] arguments = {from, to, length, segments, segment, scale};
    Rows.launch(s, name(max, "_rows"), results, segment, 1, arguments);
  }

  /** Reduces [arrays, rows, columns] to [arrays, columns]. */
  private static void columns(
      Session s,
      boolean max,
      float scale,
      int arrays,
      int rows,
      int columns,
      Object from,
      Object to) {
    Columns cut = new Columns(s, arrays, rows, columns);
    if (cut.parts() == 1) {
      cut.launch(name(max, "_columns"), new Object[] {from, to}, scale);
      return;
    }
    try (Scratch parts = Scratch.floats(s, (long) arrays * cut.parts() * columns)) {
      cut.launch(name(max, "_columns"), new Object[] {from, parts.view}, 1f);
      int group = Rows.group(s, cut.parts(), 1);
      if (group == 1) {
        columns(s, max, scale, arrays, cut.parts(), columns, parts.view, to);
        return;
      }
      s.launcher.launch(
          name(max, "_columns_together"),
          Grid.groups(new int[] {group}, (long) arrays * columns),
          parts.view,
          to,
          cut.parts(),
          columns,
          scale,
          new Launcher.Local(4L * group));
    }
  }
}
