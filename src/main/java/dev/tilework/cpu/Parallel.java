package dev.tilework.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * One pool of threads for all kernels, as many as there are processors ({@code
 * -Dtilework.cpu.threads=N} chooses). A job is a number of tasks, which the threads take one by
 * one; the caller works too. How work is cut into tasks must not depend on the number of threads
 * where it decides the order of floating-point sums.
 */
final class Parallel {
  /** The threads that work on a job, the caller included. */
  static final int THREADS =
      Math.max(
          1,
          Integer.getInteger("tilework.cpu.threads", Runtime.getRuntime().availableProcessors()));

  /** Elements a task of a kernel that reads and writes each once; fewer do not wake a thread. */
  static final int GRAIN = 16384;

  private static final int SPINS = 2000;
  private static final AtomicReference<Job> CURRENT = new AtomicReference<>();
  private static final Thread[] WORKERS = new Thread[THREADS - 1];
  private static final ThreadLocal<Boolean> INSIDE = ThreadLocal.withInitial(() -> false);

  static {
    for (int i = 0; i < WORKERS.length; i++) {
      WORKERS[i] = new Thread(Parallel::work, "tilework-cpu-" + (i + 1));
      WORKERS[i].setDaemon(true);
      WORKERS[i].start();
    }
  }

  private Parallel() {}

  /** A task, given its number. */
  interface Task {
    void run(int index);
  }

  /** A task, given the range of items that are its part. */
  interface RangeTask {
    void run(long from, long to);
  }

  private static final class Job {
    final Task task;
    final int tasks;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger done = new AtomicInteger();
    volatile Throwable failure;

    Job(Task task, int tasks) {
      this.task = task;
      this.tasks = tasks;
    }

    void help() {
      for (int i; (i = next.getAndIncrement()) < tasks; ) {
        try {
          if (failure == null) {
            task.run(i);
          }
        } catch (Throwable t) {
          failure = t;
        }
        done.incrementAndGet();
      }
    }
  }

  /** Runs tasks 0 to n - 1, in any order and thread, and returns when all are done. */
  static void run(int n, Task task) {
    if (n <= 1 || THREADS == 1 || INSIDE.get()) {
      for (int i = 0; i < n; i++) {
        task.run(i);
      }
      return;
    }
    Job job = new Job(task, n);
    boolean shared = CURRENT.compareAndSet(null, job);
    if (shared) {
      for (int i = 0; i < Math.min(n - 1, WORKERS.length); i++) {
        LockSupport.unpark(WORKERS[i]);
      }
    }
    INSIDE.set(true);
    try {
      // Where another caller has the pool, this one does its whole job alone.
      job.help();
    } finally {
      INSIDE.set(false);
    }
    for (int spins = 0; job.done.get() < n; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
    if (shared) {
      CURRENT.set(null);
    }
    if (job.failure != null) {
      throw failure(job.failure);
    }
  }

  private static RuntimeException failure(Throwable t) {
    switch (t) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(t);
    }
  }

  /**
   * Cuts items 0 to n - 1 into tasks of {@code grain} items. The cut depends on these numbers
   * alone.
   */
  static void ranges(long n, long grain, RangeTask task) {
    int tasks = Math.toIntExact((n + grain - 1) / grain);
    run(tasks, i -> task.run(i * grain, Math.min(n, (i + 1) * grain)));
  }

  /** Cuts rows of {@code width} elements each into tasks of about {@link #GRAIN} elements. */
  static void rows(long n, long width, RangeTask task) {
    ranges(n, Math.max(1, GRAIN / Math.max(1, width)), task);
  }

  private static void work() {
    INSIDE.set(true);
    Job last = null;
    while (true) {
      Job job = CURRENT.get();
      for (int spins = 0; (job == null || job == last) && spins < SPINS; spins++) {
        Thread.onSpinWait();
        job = CURRENT.get();
      }
      if (job == null || job == last) {
        LockSupport.park(CURRENT);
        continue;
      }
      job.help();
      last = job;
    }
  }
}
