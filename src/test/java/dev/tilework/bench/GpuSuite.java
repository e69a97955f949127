package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Precision;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times a device: kernels that memory bounds, matrix products, networks, and every convolution of
 * ResNet-50 and VGG-16. {@code bench/gpu.sh} calls it after the tests and after the peer.
 */
@Command(
    name = "GpuSuite",
    description = "Times a device's kernels, each after a check of its result.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false)
public final class GpuSuite implements Callable<Integer> {
  @Option(names = "--device", paramLabel = "<name>", description = "Which one.")
  private String device = "cuda";

  @Option(names = "--quick", description = "Toy sizes, to see that everything works.")
  private boolean quick;

  @Option(names = "--seconds", description = "After these, the cases that are left are skipped.")
  private double seconds = 200;

  @Option(names = "--out", required = true, paramLabel = "<file>", description = "The result.")
  private Path out;

  @Option(names = "--peer", paramLabel = "<file>", description = "What torch_layers.py printed.")
  private Path peer;

  @Option(names = "--driver", description = "The version of the device's driver.")
  private String driver = "unknown";

  @Option(names = "--commit", description = "The state of the sources.")
  private String commit = "unknown";

  @Option(names = "--contract", description = "What became of the test of all operations.")
  private String contract = "not run";

  @Option(names = "--memcheck", description = "What compute-sanitizer said of it.")
  private String memcheck = "not run";

  @Option(names = "--racecheck", description = "What compute-sanitizer said of races.")
  private String racecheck = "not run";

  private GpuSuite() {}

  /** Runs the suite and ends the process: with 1 when a case failed or was skipped. */
  public static void main(String... args) {
    System.exit(execute(args));
  }

  /** The same without ending the process. */
  static int execute(String... args) {
    return new CommandLine(new GpuSuite()).execute(args);
  }

  @Override
  public Integer call() throws IOException {
    Device on = Devices.named(device);
    PrintStream console = System.out;
    console.println(on.name() + ": " + on.description());
    Peer other = peer == null ? Peer.none("it was not asked for") : Peer.read(peer);
    console.println("peer: " + other.name());
    SuitePlan plan = quick ? SuitePlan.quick() : SuitePlan.full();
    long deadline = System.nanoTime() + (long) (seconds * 1e9);
    Recorder recorder = new Recorder(on, other, plan.budget(), deadline, console);
    Precision before = on.precision();
    // What was measured is written after each part, so that a process that is stopped leaves it.
    List<Runnable> parts =
        List.of(
            () -> MemoryCases.run(recorder, plan),
            () -> ProductCases.run(recorder, plan),
            () -> ModelCases.run(recorder, plan),
            () -> LayerCases.run(recorder, plan));
    SuiteReport report = null;
    for (int i = 0; i < parts.size(); i++) {
      parts.get(i).run();
      report = report(on, other, recorder, i == parts.size() - 1);
      report.write(out);
    }
    on.precision(before);
    for (SuiteReport.Mean m : report.means()) {
      console.printf(
          Locale.ROOT,
          "%-10s batch %3d %-12s %-5s %.2f of the peer's speed (%d cases)%n",
          m.list(),
          m.batch(),
          m.pass(),
          m.precision(),
          m.ratio(),
          m.cases());
    }
    long failed = recorder.rows().stream().filter(r -> r.problem() != null).count();
    console.printf(
        "%d cases, %d failed, %d skipped as the time was up; written to %s%n",
        recorder.rows().size(), failed, recorder.skipped(), out);
    return failed + recorder.skipped() == 0 ? 0 : 1;
  }

  private SuiteReport report(Device on, Peer other, Recorder recorder, boolean last) {
    List<SuiteReport.Row> rows = List.copyOf(recorder.rows());
    return new SuiteReport(
        "gpu",
        on.description(),
        driver,
        Runtime.version().toString(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        commit,
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        contract,
        memcheck,
        racecheck,
        other.name(),
        last && recorder.skipped() == 0,
        recorder.copyGBs(),
        SuiteReport.means(rows),
        rows);
  }
}
