package dev.tilework.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tilework.Device;
import dev.tilework.Devices;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import jdk.incubator.vector.FloatVector;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times the convolution layers of known networks and sets them beside the machine's peak. */
@Command(
    name = "tilework bench --layers",
    description = "Times convolution layers, each after a check of its result.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false)
public final class LayerTable implements Callable<Integer> {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--list",
      split = ",",
      description =
          "Lists of layers: resnet50, vgg16, inception_v3, xception, mobilenet_depthwise.")
  private List<String> lists = Layer.LISTS;

  @Option(names = "--batch", split = ",", description = "Images a call.")
  private List<Integer> batches = List.of(1, 8);

  @Option(names = "--pass", split = ",", description = "FORWARD, DATA_GRAD, WEIGHT_GRAD.")
  private List<Pass> passes = List.of(Pass.FORWARD);

  @Option(
      names = "--device",
      split = ",",
      paramLabel = "<name>",
      description = "Devices, each compared with the first (default: the best).",
      showDefaultValue = CommandLine.Help.Visibility.NEVER)
  private List<String> devices = List.of();

  @Option(names = "--threads", description = "Threads of the CPU device; 0: all processors.")
  private int threads;

  @Option(
      names = "--match",
      defaultValue = "",
      description = "Only layers in whose name this regular expression is found.")
  private Pattern match;

  @Option(
      names = "--out",
      paramLabel = "<file>",
      description = "Where to write the result. Without it, complete lists go to bench/results.")
  private Path out;

  private LayerTable() {}

  /** Runs the command and ends the process with its exit code: 1 when a layer failed. */
  public static void main(String... args) {
    System.setOut(new PrintStream(new QuietForks(System.out), true, StandardCharsets.UTF_8));
    CommandLine line = new CommandLine(new LayerTable());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() throws RunnerException, IOException {
    int working = threads == 0 ? PROCESSORS : threads;
    System.out.printf("%s, %d of %d threads%n", Machine.processor(), working, PROCESSORS);
    double one = peak(1);
    double all = PROCESSORS == 1 ? one : peak(PROCESSORS);
    double ours = working == 1 ? one : working == PROCESSORS ? all : peak(working);
    System.out.printf(
        Locale.ROOT,
        "peak of fused multiply-adds: %.1f GFLOP/s on one thread, %.1f on all%n%n",
        one,
        all);
    List<String> names =
        (devices.isEmpty()
                ? List.of(Devices.best())
                : devices.stream().map(Devices::named).toList())
            .stream().map(Device::name).toList();
    Comparison table = new Comparison(names, ours);
    List<Report.Row> rows = new ArrayList<>();
    int failures = 0;
    for (Pass pass : passes) {
      System.out.println(pass.name().toLowerCase(Locale.ROOT));
      for (String list : lists) {
        for (int batch : batches) {
          List<Report.Row> done = new ArrayList<>();
          for (Layer layer : Layer.list(list)) {
            if (match.matcher(layer.id()).find()) {
              for (String device : names) {
                Report.Row row = time(layer, batch, pass, device, ours);
                failures += row == null ? 1 : 0;
                if (row != null) {
                  table.print(row);
                  done.add(row);
                }
              }
            }
          }
          table.total(list, batch, done);
          rows.addAll(done);
        }
      }
    }
    save(names, rows, failures, working, one, all, ours);
    return failures == 0 ? 0 : 1;
  }

  /** The highest rate seen in GFLOP/s: whatever disturbs can only lower it. */
  private static double peak(int threads) throws RunnerException {
    RunResult r =
        run(
            new OptionsBuilder()
                .include(FmaPeak.class.getName() + ".fma")
                .threads(threads)
                .forks(1));
    return r.getPrimaryResult().getStatistics().getMax() * FmaPeak.flopsPerOperation() / 1e9;
  }

  private Report.Row time(Layer layer, int batch, Pass pass, String device, double peak) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(ConvLayers.class.getName() + ".run")
            .param("layer", layer.id())
            .param("batch", Integer.toString(batch))
            .param("pass", pass.name())
            .param("device", device);
    if (threads > 0) {
      options = options.jvmArgsAppend("-Dtilework.cpu.threads=" + threads);
    }
    Statistics s;
    try {
      s = run(options).getPrimaryResult().getStatistics();
    } catch (RunnerException e) {
      System.out.printf("%-24s %5d  FAILED on %s: %s%n", layer.id(), batch, device, reason(e));
      return null;
    }
    double us = s.getPercentile(50);
    double gflops = layer.geometry(batch).flops() / us / 1e3;
    return new Report.Row(
        layer.id(),
        layer.summary(),
        batch,
        pass,
        device,
        layer.count(),
        us,
        s.getPercentile(25),
        s.getPercentile(75),
        s.getN(),
        gflops,
        gflops / peak);
  }

  private static RunResult run(ChainedOptionsBuilder options) throws RunnerException {
    return new Runner(options.verbosity(VerboseMode.SILENT).shouldFailOnError(true).build())
        .runSingle();
  }

  private static String reason(Throwable e) {
    Throwable t = e;
    while (t.getCause() != null || t.getSuppressed().length > 0) {
      t = t.getCause() != null ? t.getCause() : t.getSuppressed()[0];
    }
    return t.getMessage();
  }

  private void save(
      List<String> names,
      List<Report.Row> rows,
      int failures,
      int working,
      double one,
      double all,
      double ours)
      throws IOException {
    Path file = out;
    if (file == null && failures == 0 && match.pattern().isEmpty()) {
      String name =
          (Instant.now().truncatedTo(ChronoUnit.SECONDS) + "-conv.json").replace(':', '-');
      file = Path.of(System.getProperty("bench.results", "results"), name);
    }
    if (file == null) {
      return;
    }
    Report report =
        new Report(
            Machine.processor(),
            Runtime.version().toString(),
            System.getProperty("os.name") + " " + System.getProperty("os.version"),
            names.stream()
                .map(n -> n + ": " + Devices.named(n).description())
                .collect(Collectors.joining("; ")),
            working,
            FloatVector.SPECIES_PREFERRED.vectorBitSize(),
            System.getProperty("bench.commit", "unknown"),
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            one,
            all,
            ours,
            rows);
    Files.createDirectories(file.toAbsolutePath().getParent());
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(file.toFile(), report);
    System.out.println("written to " + file);
  }
}
