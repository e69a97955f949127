package dev.tilework.cpu;

import static dev.tilework.cpu.Simd.LANES;

/**
 * Row-major data with few columns, seen as rows of {@link #width} columns, a multiple of both the
 * columns and the vector, so that vectors fit although the columns alone may be fewer than the
 * lanes or end within a vector. What is given per column is repeated to that width. Wide data keeps
 * its own rows.
 */
final class Period {
  private static final int NARROW = 64;
  private static final int WIDTH = 128;

  /** The columns of the data. */
  final int columns;

  /** The columns of the rows it is seen as. */
  final int width;

  /** The elements; the last row may be cut short. */
  final long elements;

  Period(int columns, long elements) {
    this.columns = columns;
    this.elements = elements;
    if (helps(columns)) {
      int common = columns / gcd(columns, LANES) * LANES;
      this.width = (WIDTH + common - 1) / common * common;
    } else {
      this.width = columns;
    }
  }

  /** Whether rows so narrow are better seen as wider ones. */
  static boolean helps(long columns) {
    return columns <= NARROW;
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  /** The rows, the last of them perhaps short. */
  long rows() {
    return (elements + width - 1) / width;
  }

  /** The width as whole vectors. */
  int padded() {
    return (width + LANES - 1) / LANES * LANES;
  }

  /** Copies one value per column, repeated to the width, into the caller's scratch. */
  long repeat(int slot, long values) {
    long to = Scratch.get(slot, 4L * padded());
    for (int i = 0; i < width; i += columns) {
      Moves.copy(values, to + 4L * i, 4L * columns);
    }
    return to;
  }

  /** Copies one value per column, repeated to the width, into scratch memory. */
  void repeat(float[] values, long to) {
    for (int i = 0; i < width; i++) {
      Simd.putFloat(to + 4L * i, values[i % columns]);
    }
  }

  /** A task, given the first element, which begins a row, and the number of elements. */
  interface Task {
    void run(long first, long n);
  }

  /** Runs all elements in tasks of whole rows. */
  void tasks(Task task) {
    Parallel.rows(
        rows(),
        width,
        (from, to) -> task.run(from * width, Math.min(elements, to * width) - from * width));
  }
}
