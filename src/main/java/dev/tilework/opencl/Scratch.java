package dev.tilework.opencl;

/** Device memory for the time of an operation. */
final class Scratch implements AutoCloseable {
  private final Session session;
  private final ClBuffer.Block block;

  /** The memory, as a kernel's argument. */
  final Memory.View view;

  private Scratch(Session session, long bytes) {
    this.session = session;
    block = session.memory.take(bytes);
    view = new Memory.View(block.handle(), 0);
  }

  static Scratch floats(Session session, long n) {
    return new Scratch(session, 4 * n);
  }

  /** What was enqueued may still use the memory; see {@link Memory}. */
  @Override
  public void close() {
    session.memory.giveBack(block);
  }
}
