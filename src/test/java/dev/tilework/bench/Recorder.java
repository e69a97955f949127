package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Times cases one after the other, keeps a row of each, and prints it beside the peer's. */
final class Recorder {
  private final Device device;
  private final Stopwatch stopwatch;
  private final Peer peer;
  private final long deadline;
  private final PrintStream out;
  private final List<SuiteReport.Row> rows = new ArrayList<>();
  private int skipped;
  private Double copyGBs;

  /**
   * An empty one.
   *
   * @param budget nanoseconds for a case
   * @param deadline the {@link System#nanoTime} after which cases are skipped
   */
  Recorder(Device device, Peer peer, long budget, long deadline, PrintStream out) {
    this.device = device;
    this.peer = peer;
    this.deadline = deadline;
    this.out = out;
    stopwatch = new Stopwatch(device, budget);
  }

  /**
   * A case before it is timed.
   *
   * @param flops operations of a call; 0 where it is memory that bounds it
   * @param bytes read and written by a call at least; 0 where it is arithmetic that bounds it
   * @param images that a call of a model takes; else 0
   */
  record Case(
      String group,
      String layer,
      String shape,
      int batch,
      String pass,
      Precision precision,
      int count,
      long flops,
      long bytes,
      int images) {}

  Device device() {
    return device;
  }

  /** The rows so far. */
  List<SuiteReport.Row> rows() {
    return rows;
  }

  /** Cases left out, as the time was up. */
  int skipped() {
    return skipped;
  }

  /** The rate of a copy, from which shares are taken; null before {@link #copyIs}. */
  Double copyGBs() {
    return copyGBs;
  }

  /** Takes the last row as the copy to which memory-bound kernels are compared. */
  void copyIs(SuiteReport.Row row) {
    copyGBs = row.gbs();
  }

  /**
   * Runs a case.
   *
   * @param prepare makes the operands and checks the result, in a scope that is open until the
   *     timing ends; an exception is recorded as the case's problem
   * @return the row; null where the time was up
   */
  SuiteReport.Row run(Case c, Supplier<Runnable> prepare) {
    if (System.nanoTime() > deadline) {
      skipped++;
      return null;
    }
    Precision before = device.precision();
    device.precision(c.precision());
    SuiteReport.Row row;
    try (Scope scope = Scope.open()) {
      row = row(c, stopwatch.of(prepare.get()));
    } catch (RuntimeException e) {
      row = problem(c, e.toString());
    } finally {
      device.precision(before);
    }
    rows.add(row);
    print(row);
    return row;
  }

  private SuiteReport.Row row(Case c, Stopwatch.Time t) {
    double us = t.microseconds();
    Double gbs = c.bytes() > 0 ? c.bytes() / us / 1e3 : null;
    Double theirs = peer.time(c.layer(), c.batch(), c.pass(), c.precision());
    return new SuiteReport.Row(
        c.group(),
        c.layer(),
        c.shape(),
        c.batch(),
        c.pass(),
        c.precision(),
        c.count(),
        us,
        t.lowerQuartile(),
        t.upperQuartile(),
        t.calls(),
        c.flops() > 0 ? c.flops() / us / 1e6 : null,
        gbs,
        gbs != null && copyGBs != null ? gbs / copyGBs : null,
        c.images() > 0 ? c.images() / us * 1e6 : null,
        theirs,
        theirs == null ? null : theirs / us,
        null);
  }

  private static SuiteReport.Row problem(Case c, String what) {
    return new SuiteReport.Row(
        c.group(),
        c.layer(),
        c.shape(),
        c.batch(),
        c.pass(),
        c.precision(),
        c.count(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        what);
  }

  private void print(SuiteReport.Row r) {
    String result =
        r.problem() != null
            ? "FAILED: " + r.problem()
            : String.format(
                Locale.ROOT,
                "%11.1f us%s%s%s%s%s",
                r.microseconds(),
                part(" %8.2f TFLOP/s", r.tflops()),
                part(" %8.1f GB/s", r.gbs()),
                part(" %5.2f of a copy", r.ofCopy()),
                part(" %9.1f images/s", r.imagesPerSecond()),
                part("  %.2f of the peer's speed", r.ratio()));
    out.printf(
        Locale.ROOT,
        "%-24s %4d %-12s %-5s %s%n",
        r.layer(),
        r.batch(),
        r.pass().toLowerCase(Locale.ROOT),
        r.precision(),
        result);
  }

  private static String part(String format, Double value) {
    return value == null ? "" : String.format(Locale.ROOT, format, value);
  }
}
