package dev.tilework.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tilework.data.ImageSize;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Order, sizes and limits of what waits. */
@Timeout(60)
class RequestQueueTest {
  private static final ImageSize SMALL = ImageSize.square(1);
  private static final ImageSize WIDE = new ImageSize(1, 2, 3);

  @Test
  void oldestFirstAndOneSizeABatch() throws Exception {
    RequestQueue q = queue(2, 10);
    List<Request> all =
        List.of(request(SMALL), request(WIDE), request(SMALL), request(SMALL), request(WIDE));
    for (Request r : all) {
      q.put(r, true);
    }
    q.close();
    assertEquals(List.of(all.get(0), all.get(2)), q.take());
    assertEquals(List.of(all.get(1), all.get(4)), q.take());
    assertEquals(List.of(all.get(3)), q.take());
    assertNull(q.take());
  }

  @Test
  void waitsForRoom() throws Exception {
    RequestQueue q = queue(2, 2);
    q.put(request(SMALL), true);
    q.put(request(SMALL), true);
    Request third = request(SMALL);
    Future<?> putting = inThread(() -> q.put(third, true));
    assertEquals(2, q.take().size());
    putting.get();
    q.put(request(SMALL), true);
    // Without waiting there may be more than the limit.
    q.put(request(SMALL), false);
    Future<?> refused = inThread(() -> q.put(request(SMALL), true));
    q.close();
    var e = assertThrows(ExecutionException.class, refused::get);
    assertEquals("predict: the predictor was closed", e.getCause().getMessage());
    assertSame(third, q.take().getFirst());
  }

  @Test
  void failureEndsWhatWaits() throws Exception {
    RequestQueue q = queue(2, 2);
    Request r = request(SMALL);
    q.put(r, true);
    Error cause = new OutOfMemoryError("tried");
    q.fail(cause);
    assertSame(cause, r.result().exceptionNow().getCause());
    assertNull(q.take());
    assertThrows(IllegalStateException.class, () -> q.put(request(SMALL), true));
  }

  private static RequestQueue queue(int batch, int pending) {
    return new RequestQueue(
        PredictorOptions.DEFAULT
            .withBatches(batch, Duration.ofMinutes(10))
            .withMaxPending(pending));
  }

  private static Request request(ImageSize size) {
    return new Request(new float[size.bytes()], size, System.nanoTime(), new CompletableFuture<>());
  }

  private interface Action {
    void run() throws Exception;
  }

  private static Future<?> inThread(Action action) {
    FutureTask<Void> task =
        new FutureTask<>(
            () -> {
              action.run();
              return null;
            });
    Thread.ofPlatform().start(task);
    return task;
  }
}
