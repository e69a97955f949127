package dev.tilework.cuda;

/** Floats for the time of an operation; what was enqueued may use them after this is closed. */
final class Scratch implements AutoCloseable {
  private final Session session;
  private final Memory.Block block;

  Scratch(Session session, long floats) {
    this.session = session;
    block = session.memory.take(4 * Math.max(1, floats));
  }

  Address address() {
    return block.address();
  }

  @Override
  public void close() {
    session.memory.giveBack(block);
  }
}
