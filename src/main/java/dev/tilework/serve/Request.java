package dev.tilework.serve;

import dev.tilework.data.ImageSize;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** An image that waits for its result. */
record Request(float[] image, ImageSize size, long arrival, CompletableFuture<float[]> result) {
  /** Waits for a result, or throws what was thrown instead of it. */
  static float[] await(CompletableFuture<float[]> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(false);
      throw interrupted();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  /** What a thread gets that was interrupted; it stays so. */
  static CancellationException interrupted() {
    Thread.currentThread().interrupt();
    return new CancellationException("predict: the thread was interrupted while it waited");
  }
}
