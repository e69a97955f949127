package dev.tilework.bench;

import dev.tilework.Device;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Times calls that a device may run behind the caller's back: batches of calls, each batch ended by
 * {@link Device#synchronize}, long enough that the waiting does not count.
 */
final class Stopwatch {
  private static final int BATCHES = 6;
  private static final int LARGEST = 1 << 16;

  private final Device device;
  private final long budget;

  /**
   * A stopwatch that spends about a budget on a case.
   *
   * @param budget in nanoseconds
   */
  Stopwatch(Device device, long budget) {
    this.device = device;
    this.budget = budget;
  }

  /**
   * What was measured.
   *
   * @param microseconds the median over the batches of a call's time
   * @param lowerQuartile of the same
   * @param upperQuartile of the same
   * @param calls timed calls in all
   */
  record Time(double microseconds, double lowerQuartile, double upperQuartile, long calls) {}

  /** Warms up, which also finds how many calls make a batch, and times batches. */
  Time of(Runnable call) {
    batch(call, 1);
    int n = 1;
    long took = batch(call, n);
    while (took < budget / BATCHES && n < LARGEST) {
      n =
          Math.min(
              LARGEST, Math.max(2 * n, (int) Math.ceil(n * (budget / BATCHES) / (1.0 * took))));
      took = batch(call, n);
    }
    List<Double> times = new ArrayList<>();
    long spent = 0;
    // At least three, so that the median is not the slowest of two.
    while (times.size() < 3 || (spent < budget && times.size() < 10 * BATCHES)) {
      long t = batch(call, n);
      spent += t;
      times.add(t / 1e3 / n);
    }
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    return new Time(
        sorted[last / 2], sorted[last / 4], sorted[last - last / 4], (long) n * sorted.length);
  }

  private long batch(Runnable call, int n) {
    device.synchronize();
    long start = System.nanoTime();
    for (int i = 0; i < n; i++) {
      call.run();
    }
    device.synchronize();
    return Math.max(1, System.nanoTime() - start);
  }
}
