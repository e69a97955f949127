package dev.tilework.cpu;

/**
 * How statistics down the columns are cut into tasks: panels of columns, and parts of the rows,
 * each part with results of its own that are combined in order. The cut depends on the shape alone.
 */
final class ColumnPanels {
  /** Rows whose sums are kept in registers; what they touch stays in the first-level cache. */
  static final int BLOCK = 64;

  private static final int COLUMNS = 128;
  private static final long PART = 1 << 16;

  private final Period period;
  private final int panels;
  private final long rowsPerPart;

  /** Whole rows of the period's width; what is left of the data is a short row. */
  final long rows;

  /** The elements of the short row; may be 0. */
  final int rest;

  /** The number of parts of the rows. */
  final int parts;

  ColumnPanels(Period period) {
    this.period = period;
    this.rows = period.elements / period.width;
    this.rest = (int) (period.elements - rows * period.width);
    this.panels = (period.width + COLUMNS - 1) / COLUMNS;
    long blocks = Math.max(1, PART / Math.min(COLUMNS, period.width) / BLOCK);
    this.rowsPerPart = blocks * BLOCK;
    this.parts = Math.toIntExact(Math.max(1, (rows + rowsPerPart - 1) / rowsPerPart));
  }

  /** The rows of a part. */
  long rowsOf(int part) {
    return Math.min(rows - part * rowsPerPart, rowsPerPart);
  }

  /** A task, given its columns and rows. */
  interface Task {
    void run(int part, int firstColumn, int columns, long firstRow, long rows);
  }

  void run(Task task) {
    Parallel.run(
        Math.multiplyExact(panels, parts),
        k -> {
          int part = k / panels;
          int c = k % panels * COLUMNS;
          int columns = Math.min(COLUMNS, period.width - c);
          task.run(part, c, columns, part * rowsPerPart, rowsOf(part));
        });
  }
}
