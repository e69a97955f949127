package dev.tilework.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
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

  /** The jobs of callers at the same time; a caller that finds no place works alone. */
  private static final AtomicReferenceArray<Job> JOBS = new AtomicReferenceArray<>(8);

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

    boolean hasWork() {
      return next.get() < tasks;
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
    int place = publish(job);
    if (place >= 0) {
      for (int i = 0; i < Math.min(n - 1, WORKERS.length); i++) {
        LockSupport.unpark(WORKERS[i]);
      }
    }
    INSIDE.set(true);
    try {
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
    if (place >= 0) {
      JOBS.set(place, null);
    }
    if (job.failure != null) {
      throw failure(job.failure);
    }
  }

  /** Where the workers find the job, or -1. */
  private static int publish(Job job) {
    for (int i = 0; i < JOBS.length(); i++) {
      if (JOBS.get(i) == null && JOBS.compareAndSet(i, null, job)) {
        return i;
      }
    }
    return -1;
  }

  private static Job find() {
    for (int i = 0; i < JOBS.length(); i++) {
      Job job = JOBS.get(i);
      if (job != null && job.hasWork()) {
        return job;
      }
    }
    return null;
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
    while (true) {
      Job job = find();
      for (int spins = 0; job == null && spins < SPINS; spins++) {
        Thread.onSpinWait();
        job = find();
      }
      if (job == null) {
        LockSupport.park(JOBS);
      } else {
        job.help();
      }
    }
  }
}
