package dev.tilework.autograd;

/**
 * A block in which nothing is recorded for gradients, in the thread that opened it.
 *
 * <pre>{@code
 * try (NoGrad off = NoGrad.open()) {
 *   Variable y = model.forward(x);
 * }
 * }</pre>
 */
public final class NoGrad implements AutoCloseable {
  private static final ThreadLocal<Integer> DEPTH = ThreadLocal.withInitial(() -> 0);

  private boolean closed;

  private NoGrad() {
    DEPTH.set(DEPTH.get() + 1);
  }

  /** Stops recording until the block is closed. */
  public static NoGrad open() {
    return new NoGrad();
  }

  /** Whether operations are recorded in this thread. */
  public static boolean isRecording() {
    return DEPTH.get() == 0;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      DEPTH.set(DEPTH.get() - 1);
    }
  }
}
