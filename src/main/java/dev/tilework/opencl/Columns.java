package dev.tilework.opencl;

/**
 * How an array of rows and columns is cut for passes that have something for each column: sums over
 * the rows, or factors by which to multiply. Seen as rows of {@link #width}, several of its own if
 * those are few or end within a vector, and cut into panels and segments; see columns.cl. All of it
 * follows from the shape and the profile.
 */
final class Columns {
  private static final int NARROW = 128;

  /** Fewer rows are not joined. */
  private static final int FEW = 16;

  /** Work-items that keep a CPU busy, and elements that are worth one. */
  private static final int TASKS = 16;

  private static final int ELEMENTS = 1 << 14;

  /** Work-items that keep a GPU busy. */
  private static final long ITEMS = 1 << 17;

  /** The elements. */
  final int n;

  /** Columns of the array. */
  final int columns;

  /** Columns of the rows it is seen as, a multiple of {@link #columns}. */
  final int width;

  /** Whole rows of a work-item. */
  final int segment;

  /** How often the whole rows are cut. */
  final int segments;

  private final Session session;
  private final int arrays;
  private final int panels;

  /**
   * Cuts an array.
   *
   * @param arrays how many such arrays there are, one after the other
   */
  Columns(Session s, int arrays, int rows, int columns) {
    session = s;
    this.arrays = arrays;
    this.columns = columns;
    n = Math.multiplyExact(rows, columns);
    int vector = s.tuning.get(Parameter.ELEMENT_VECTOR);
    int joined = vector / gcd(columns, vector);
    if (joined * columns < NARROW) {
      joined *= (NARROW + joined * columns - 1) / (joined * columns);
    }
    width = rows / joined < FEW ? columns : joined * columns;
    int panel = vector * s.tuning.get(Parameter.COLUMN_VECTORS);
    panels = (width + panel - 1) / panel;
    segment = segment(n / width, panel);
    segments = (n / width + segment - 1) / segment;
  }

  private int segment(int rows, int panel) {
    // Rows that are not cut spare a second launch; sums of so few need no care.
    return switch (session.profile) {
      case CPU -> {
        boolean busy = (long) arrays * panels >= TASKS;
        yield busy && rows <= 256 ? rows : Math.clamp(ELEMENTS / Math.min(panel, width), 32, 128);
      }
      case GPU -> {
        boolean busy = (long) arrays * panels >= ITEMS / 16;
        yield busy && rows <= 64 ? rows : Math.clamp((long) arrays * n / ITEMS, 16, 256);
      }
    };
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** The results of a sum over the rows for each column of the array. */
  int parts() {
    return segments * (width / columns);
  }

  /** Launches a kernel whose parameters are memory, {@code CUT}, and numbers. */
  void launch(String kernel, Object[] memory, Object... numbers) {
    int items = panels * segments;
    Object[] cut = {
      arrays, n, width, n / width, segment, segments, new Divisor(panels), new Divisor(items)
    };
    Object[] all = new Object[memory.length + cut.length + numbers.length];
    System.arraycopy(memory, 0, all, 0, memory.length);
    System.arraycopy(cut, 0, all, memory.length, cut.length);
    System.arraycopy(numbers, 0, all, memory.length + cut.length, numbers.length);
    Grid grid =
        switch (session.profile) {
          case CPU -> Grid.items((long) arrays * items);
          case GPU -> Grid.linear(session, (long) arrays * items);
        };
    session.launcher.launch(kernel, grid, all);
  }
}
