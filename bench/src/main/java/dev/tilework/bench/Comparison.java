package dev.tilework.bench;

import java.util.List;
import java.util.Locale;

/** The table for people: a line for each layer and device, beside the first device of the list. */
final class Comparison {
  private final List<String> devices;
  private final double peak;
  private Report.Row first;

  /**
   * Prints the head.
   *
   * @param devices their names
   * @param peak the processor's, in GFLOP/s
   */
  Comparison(List<String> devices, double peak) {
    this.devices = devices;
    this.peak = peak;
    String ratio = devices.size() > 1 ? "  to " + devices.getFirst() : "";
    System.out.printf(
        "%-24s %5s  %-24s %-10s %10s %9s %8s%s%n",
        "layer", "batch", "shape", "device", "us", "GFLOP/s", "of peak", ratio);
  }

  /** A line, with the ratio of rates to the first device's where that was the layer before. */
  void print(Report.Row r) {
    if (r.device().equals(devices.getFirst())) {
      first = r;
    }
    boolean same =
        first != null
            && first != r
            && first.layer().equals(r.layer())
            && first.batch() == r.batch()
            && first.pass() == r.pass();
    print(
        r.layer(),
        r.batch(),
        r.shape(),
        r.device(),
        r.microseconds(),
        r.gflops(),
        same ? r.gflops() / first.gflops() : 0);
  }

  /** All layers of a network, each as often as it occurs. */
  void total(String list, int batch, List<Report.Row> rows) {
    double rate = 0;
    for (String device : devices) {
      double us = 0;
      double flops = 0;
      for (Report.Row r : rows) {
        if (r.device().equals(device)) {
          us += r.count() * r.microseconds();
          flops += r.count() * r.microseconds() * r.gflops();
        }
      }
      if (us > 0) {
        double gflops = flops / us;
        boolean compared = rate > 0;
        print(
            list + " in all",
            batch,
            "layers by their count",
            device,
            us,
            gflops,
            compared ? gflops / rate : 0);
        rate = compared ? rate : gflops;
      }
    }
    if (rate > 0) {
      System.out.println();
    }
  }

  private void print(
      String name, int batch, String shape, String device, double us, double gflops, double ratio) {
    System.out.printf(
        Locale.ROOT,
        "%-24s %5d  %-24s %-10s %10.1f %9.1f %7.1f%%%s%n",
        name,
        batch,
        shape,
        device,
        us,
        gflops,
        100 * gflops / peak,
        ratio > 0 ? String.format(Locale.ROOT, "  %.2f", ratio) : "");
  }
}
