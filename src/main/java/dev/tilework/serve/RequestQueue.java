package dev.tilework.serve;

import dev.tilework.data.ImageSize;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Requests in the order of their arrival, taken in batches of images of one size. */
final class RequestQueue {
  private final PredictorOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Deque<Request> waiting = new ArrayDeque<>();
  private boolean closed;

  RequestQueue(PredictorOptions options) {
    this.options = options;
  }

  /**
   * Adds a request.
   *
   * @param wait whether it waits until there is room
   */
  void put(Request r, boolean wait) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (wait && !closed && waiting.size() >= options.maxPending()) {
        room.await();
      }
      if (closed) {
        throw new IllegalStateException("predict: the predictor was closed");
      }
      waiting.add(r);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for requests and takes a batch: the oldest one and those of its size behind it.
   *
   * @return null when it was closed and nothing waits
   */
  List<Request> take() {
    lock.lock();
    try {
      while (waiting.isEmpty()) {
        if (closed) {
          return null;
        }
        changed.awaitUninterruptibly();
      }
      gather(waiting.peek());
      List<Request> batch = removeBatch(waiting.peek().size());
      room.signalAll();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the batch of a request is full or its time is over. */
  private void gather(Request first) {
    long end = first.arrival() + options.maxDelay().toNanos();
    long left = end - System.nanoTime();
    while (!closed && left > 0 && !isFull(first.size())) {
      try {
        changed.await(left, TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        // Nobody but a stranger interrupts the predictor's own thread; the batch goes early then.
        return;
      }
      left = end - System.nanoTime();
    }
  }

  private boolean isFull(ImageSize size) {
    // More cannot come while those who ask wait for room.
    return waiting.size() >= options.maxPending()
        || waiting.stream().filter(r -> r.size().equals(size)).count() >= options.maxBatch();
  }

  private List<Request> removeBatch(ImageSize size) {
    List<Request> batch = new ArrayList<>();
    Iterator<Request> i = waiting.iterator();
    while (i.hasNext() && batch.size() < options.maxBatch()) {
      Request r = i.next();
      if (r.size().equals(size)) {
        batch.add(r);
        i.remove();
      }
    }
    return batch;
  }

  /** Takes no more requests, and ends those that wait. */
  void fail(Throwable cause) {
    close();
    List<Request> left;
    lock.lock();
    try {
      left = List.copyOf(waiting);
      waiting.clear();
    } finally {
      lock.unlock();
    }
    left.forEach(
        r ->
            r.result()
                .completeExceptionally(
                    new IllegalStateException("predict: the predictor failed", cause)));
  }

  /** Takes no more requests; those that wait can still be taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      room.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
