package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.kernels.Tunable;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Fits the kernels of a device to its hardware. */
@Command(
    name = "tune",
    description = {
      "Measure which sizes of a device's kernels are the fastest, and write them to a file that"
          + " programs read when they start.",
      "Takes minutes; other work on the machine falsifies the result."
    })
final class TuneCommand implements Callable<Integer> {
  @Option(
      names = "--device",
      paramLabel = "<name>",
      defaultValue = "opencl",
      description = "The device, as 'tilework devices' names it (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--output",
      paramLabel = "<file>",
      description = {
        "The file to write; if not given, the one that is read for this device, in"
            + " ~/.tilework/opencl.",
        "Others are read where -Dtilework.opencl.tuning=<file> says so."
      })
  private Path output;

  @Mixin private JsonFile json;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Device device = Devices.named(name);
    Tunable tunable =
        device
            .tunable()
            .orElseThrow(() -> new UserError("the " + device.kind() + " device has no tuning"));
    PrintWriter out = spec.commandLine().getOut();
    out.println(device.name() + ": " + device.description());
    out.flush();
    Tunable.Report report;
    try (ProgressBar bar = bar(device.name())) {
      report = tunable.tune(output, (done, most, what) -> show(bar, done, most, what));
    }
    TextTable table = new TextTable("operation", ">standard", ">tuned", "");
    for (Tunable.Rate r : report.rates()) {
      table.row(
          r.operation(),
          String.format(Locale.ROOT, "%.1f", r.standard()),
          String.format(Locale.ROOT, "%.1f", r.tuned()),
          r.unit());
    }
    table.print(out);
    String values = String.join(", ", report.values());
    out.println(
        "\n"
            + (values.isEmpty() ? "Nothing is faster than the standard sizes." : values)
            + "\nWritten to "
            + report.file());
    out.flush();
    json.write(report);
    return 0;
  }

  /** Null where no person looks at a terminal. */
  private static ProgressBar bar(String task) {
    Console console = System.console();
    if (console == null || !console.isTerminal()) {
      return null;
    }
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(1)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(500)
        .setConsumer(new ConsoleProgressBarConsumer(System.err))
        .clearDisplayOnFinish()
        .build();
  }

  private static void show(ProgressBar bar, int done, int most, String what) {
    if (bar != null) {
      bar.maxHint(most);
      bar.stepTo(done);
      bar.setExtraMessage(" " + what);
    }
  }
}
