package dev.tilework.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ParallelTest {
  private static void assertEachOnce(AtomicIntegerArray counts) {
    for (int i = 0; i < counts.length(); i++) {
      assertEquals(1, counts.get(i), "task " + i);
    }
  }

  @Test
  void eachTaskRunsOnce() {
    for (int n : new int[] {0, 1, 2, 3, 97, 1009}) {
      AtomicIntegerArray counts = new AtomicIntegerArray(n);
      Parallel.run(n, counts::incrementAndGet);
      assertEachOnce(counts);
    }
  }

  @Test
  void rangesCoverAllItemsWhateverTheGrain() {
    for (long grain : new long[] {1, 7, 64, 1000, 5000}) {
      AtomicIntegerArray counts = new AtomicIntegerArray(1009);
      Parallel.ranges(
          1009,
          grain,
          (from, to) -> {
            assertTrue(from % grain == 0 && to - from <= grain);
            for (long i = from; i < to; i++) {
              counts.incrementAndGet((int) i);
            }
          });
      assertEachOnce(counts);
    }
  }

  /** Plain writes of a task must be seen by the caller once run returns. */
  @Test
  void whatTasksWroteIsSeenByTheCaller() {
    int[] plain = new int[257];
    int[] expected = new int[plain.length];
    for (int round = 1; round <= 2000; round++) {
      int value = round;
      Parallel.run(plain.length, i -> plain[i] = value + i);
      for (int i = 0; i < expected.length; i++) {
        expected[i] = value + i;
      }
      assertArrayEquals(expected, plain);
    }
  }

  @Test
  void aTaskMayRunTasks() {
    AtomicIntegerArray counts = new AtomicIntegerArray(31 * 17);
    Parallel.run(31, i -> Parallel.run(17, j -> counts.incrementAndGet(17 * i + j)));
    assertEachOnce(counts);
  }

  @Test
  void anExceptionReachesTheCallerAndThePoolLivesOn() {
    for (int failing : new int[] {0, 50, 99}) {
      IllegalStateException failure = new IllegalStateException("task " + failing);
      IllegalStateException caught =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Parallel.run(
                      100,
                      i -> {
                        if (i == failing) {
                          throw failure;
                        }
                      }));
      assertSame(failure, caught);
      eachTaskRunsOnce();
    }
    assertThrows(
        StackOverflowError.class,
        () ->
            Parallel.run(
                8,
                i -> {
                  throw new StackOverflowError();
                }));
    eachTaskRunsOnce();
  }

  @Test
  void twoCallersAtOnce() throws InterruptedException {
    int callers = 4;
    CountDownLatch start = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread[] threads = new Thread[callers];
    for (int t = 0; t < callers; t++) {
      threads[t] =
          new Thread(
              () -> {
                try {
                  start.await();
                  for (int round = 0; round < 300; round++) {
                    int[] seen = new int[64];
                    Parallel.run(seen.length, i -> seen[i]++);
                    assertEquals(seen.length, Arrays.stream(seen).sum());
                  }
                  done.incrementAndGet();
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      threads[t].start();
    }
    start.countDown();
    for (Thread t : threads) {
      t.join();
    }
    assertSame(null, failure.get());
    assertEquals(callers, done.get());
  }
}
