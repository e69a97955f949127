package dev.tilework.bench.peers;

import dev.tilework.bench.Layer;
import dev.tilework.bench.Pass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times this library and others in the same run; {@code bench/peers.sh} builds the peers and calls
 * it.
 */
@Command(
    name = "tilework bench --peers",
    description = "Times this library beside others, each case after a comparison of the results.",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    sortOptions = false)
public final class PeerSuite implements Callable<Integer> {
  static final List<String> GROUPS = List.of("start", "models", "products", "memory", "layers");

  @Option(names = "--minutes", description = "For all of it; what is left then is skipped.")
  private double minutes = 10;

  @Option(
      names = "--peers",
      split = ",",
      description = "Libraries: libtorch, onnxruntime (or ort), nd4j, tensorflow.")
  private List<String> peers = List.of("libtorch", "onnxruntime");

  @Option(
      names = "--match",
      defaultValue = "",
      description =
          "Only cases in whose title this regular expression is found; titles are as in"
              + " 'resnet50, batch 8, training' and 'resnet50/conv1, batch 1, forward'.")
  private Pattern match;

  @Option(names = "--group", split = ",", description = "Kinds of cases.")
  private List<String> groups = GROUPS;

  @Option(
      names = "--pass",
      split = ",",
      description = "Of layers: FORWARD, DATA_GRAD, WEIGHT_GRAD.")
  private List<Pass> passes = List.of(Pass.values());

  @Option(names = "--list", split = ",", description = "Lists of layers, or 'all'.")
  private List<String> lists = Layer.LISTS;

  @Option(names = "--batch", split = ",", description = "Images a call of a layer.")
  private List<Integer> batches = List.of(1, 8);

  @Option(names = "--threads", description = "Of each library; 0: all processors.")
  private int threads;

  @Option(
      names = "--device",
      paramLabel = "<names>",
      description = "Ours, as in cpu,opencl; the first one is set beside the peers.")
  private String devices = "cpu";

  @Option(names = "--quick", description = "Toy sizes, to see that everything works.")
  private boolean quick;

  @Option(names = "--out", paramLabel = "<file>", description = "The result, a .json.")
  private Path out;

  @Option(names = "--peers-folder", hidden = true)
  private Path folder = Path.of("bench", "peers");

  @Option(names = "--bundle", hidden = true)
  private Path bundle;

  @Option(names = "--results", hidden = true)
  private Path results;

  @Option(names = "--work", hidden = true)
  private Path work = Path.of("bench", "target", "peers");

  @Option(names = "--commit", hidden = true)
  private String commit = "unknown";

  private PeerSuite() {}

  /** Runs the suite and ends the process: with 1 when a case of ours failed or was skipped. */
  public static void main(String... args) {
    System.exit(execute(args));
  }

  /** The same without ending the process. */
  static int execute(String... args) {
    return new CommandLine(new PeerSuite()).setCaseInsensitiveEnumValuesAllowed(true).execute(args);
  }

  @Override
  public Integer call() throws IOException {
    int working = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    PeerPlan plan =
        (quick
                ? PeerPlan.quick(passes)
                : PeerPlan.full(lists.contains("all") ? Layer.ALL_LISTS : lists, batches, passes))
            .matching(match, groups);
    long deadline = System.nanoTime() + (long) (minutes * 60e9);
    Path logs = Files.createDirectories(work.toAbsolutePath());
    List<Rival> rivals = new ArrayList<>();
    List<PeerReport.Row> rows = new ArrayList<>();
    List<Library> libraries = libraries();
    libraries.forEach(l -> rivals.add(new Rival(l, working, devices, logs)));
    List<PeerReport.LibraryRow> cold;
    int skipped = 0;
    try (ProgressBar bar = bar(plan.tasks().size())) {
      cold = new Starts(plan, working, devices, logs).run(libraries, bar);
      Race race = new Race(rivals, plan.rounds());
      for (int i = 0; i < plan.tasks().size(); i++) {
        Task task = plan.tasks().get(i);
        long left = deadline - System.nanoTime();
        if (left < 0) {
          skipped = plan.tasks().size() - i;
          break;
        }
        bar.setExtraMessage(task.title());
        PeerReport.Row row =
            race.run(task, Math.min(plan.most(), left / (plan.tasks().size() - i)));
        rows.add(row);
        bar.step();
      }
    } finally {
      rivals.forEach(Rival::close);
    }
    List<PeerReport.LibraryRow> who = new ArrayList<>();
    for (int i = 0; i < rivals.size(); i++) {
      who.add(Starts.with(cold.get(i), rivals.get(i)));
    }
    PeerReport report = PeerReports.of(working, commit, skipped == 0 && rows.size() > 0, who, rows);
    return publish(report, skipped);
  }

  private static ProgressBar bar(int cases) {
    return new ProgressBarBuilder()
        .setTaskName("cases")
        .setInitialMax(cases)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(500)
        .build();
  }

  /** This one and the peers that were asked for. */
  private List<Library> libraries() {
    List<Library> all = new ArrayList<>();
    all.add(Library.ours(bundle));
    for (String peer : peers) {
      String name = peer.equals("ort") ? "onnxruntime" : peer;
      all.add(Library.peer(name, folder.resolve(name)));
    }
    return all;
  }

  private int publish(PeerReport report, int skipped) throws IOException {
    String markdown = PeerTable.markdown(report);
    System.out.println(markdown);
    boolean whole =
        !quick
            && skipped == 0
            && match.pattern().isEmpty()
            && groups.equals(GROUPS)
            && passes.size() == Pass.values().length;
    Path file = out;
    if (file == null) {
      String name = report.date().replace(':', '-') + "-peers.json";
      // Parts and toy sizes must not stand among results.
      file = (whole && results != null ? results : work).resolve(name);
    }
    report.write(file);
    String base = file.getFileName().toString().replaceFirst("\\.json$", "");
    Files.writeString(file.resolveSibling(base + ".md"), markdown);
    List<Path> pictures = PeerCharts.write(report, file.resolveSibling(base));
    long failed =
        report.rows().stream()
            .filter(r -> r.entries().isEmpty() || r.entries().getFirst().problem() != null)
            .count();
    System.out.printf(
        Locale.ROOT,
        "%d cases, %d of ours failed, %d skipped as the time was up; written to %s, %d pictures%n",
        report.rows().size(),
        failed,
        skipped,
        file,
        pictures.size());
    return failed + skipped == 0 ? 0 : 1;
  }
}
