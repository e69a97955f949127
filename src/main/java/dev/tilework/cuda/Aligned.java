package dev.tilework.cuda;

import dev.tilework.kernels.Operand;
import java.util.ArrayList;
import java.util.List;

/**
 * Factors of a product as the tiled kernels want them: rows a multiple of four floats apart, from
 * an address that is a multiple of 16 bytes. What is so already is used where it lies; anything
 * else is copied. Closing gives the copies back; what was enqueued may go on using them.
 */
final class Aligned implements AutoCloseable {
  private final Session session;
  private final List<Memory.Block> blocks = new ArrayList<>();

  Aligned(Session session) {
    this.session = session;
  }

  static int padded(int n) {
    return (n + 3) / 4 * 4;
  }

  /** The address of rows of {@code columns} floats, each now {@link #padded} floats long. */
  long rows(Operand x, long rows, int columns) {
    return rows(Launcher.address(x), rows, columns);
  }

  private long rows(long address, long rows, int columns) {
    int padded = padded(columns);
    if (padded == columns && address % 16 == 0) {
      return address;
    }
    long to = scratch(rows * padded * 4);
    copy(session, address, to, rows, columns);
    return to;
  }

  /** Copies rows into rows of the padded length. */
  static void copy(Session session, long from, long to, long rows, int columns) {
    int padded = padded(columns);
    long n = rows * padded;
    session.launcher.launch(
        "pad_rows", Grid.linear(n), from, to, n, columns, (long) columns, padded);
  }

  /** Memory for the time until this is closed. */
  long scratch(long bytes) {
    Memory.Block block = session.memory.take(bytes);
    blocks.add(block);
    return block.address().value();
  }

  @Override
  public void close() {
    blocks.forEach(session.memory::giveBack);
  }
}
