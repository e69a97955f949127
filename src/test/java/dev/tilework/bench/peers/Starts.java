package dev.tilework.bench.peers;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;

/** The first answers and peaks of memory of all libraries, one process after another in turn. */
final class Starts {
  private final PeerPlan plan;
  private final int threads;
  private final String devices;
  private final Path folder;

  Starts(PeerPlan plan, int threads, String devices, Path folder) {
    this.plan = plan;
    this.threads = threads;
    this.devices = devices;
    this.folder = folder;
  }

  /**
   * A row for each library; those that have a problem, and all where it was not asked for, lack
   * times.
   */
  List<PeerReport.LibraryRow> run(List<Library> libraries, ProgressBar bar) {
    Map<String, List<ColdStart.Result>> results = new LinkedHashMap<>();
    Map<String, String> problems = new LinkedHashMap<>();
    for (int i = 0; plan.start() != null && i < plan.starts(); i++) {
      for (Library l : libraries) {
        if (l.problem() == null && !problems.containsKey(l.name())) {
          bar.setExtraMessage("first answer of " + l.name());
          try {
            // The first one unpacks native libraries and writes files, with this library's weights.
            boolean vectors = i == 0 || l.name().equals(Tilework.NAME);
            ColdStart.Result r = ColdStart.run(l, threads, devices, plan.start(), folder, vectors);
            if (i > 0) {
              results.computeIfAbsent(l.name(), k -> new ArrayList<>()).add(r);
            }
          } catch (Rival.Failure e) {
            problems.put(l.name(), e.getMessage());
          }
        }
      }
    }
    return libraries.stream()
        .map(l -> row(l, results.get(l.name()), problems.get(l.name())))
        .toList();
  }

  private PeerReport.LibraryRow row(Library l, List<ColdStart.Result> results, String problem) {
    ColdStart.Result r = results == null ? null : ColdStart.median(results);
    Task.Network start = plan.start();
    return new PeerReport.LibraryRow(
        l.name(),
        null,
        l.megabytes(),
        r == null ? null : (Double) (r.nanos() / 1e6),
        r == null ? null : r.peakMB(),
        start == null ? null : start.model() + ", batch " + start.batch(),
        l.problem(),
        problem);
  }

  /** The row with what only the library's own process knows. */
  static PeerReport.LibraryRow with(PeerReport.LibraryRow row, Rival rival) {
    return new PeerReport.LibraryRow(
        row.name(),
        rival.version(),
        row.downloadMB(),
        row.firstAnswerMs(),
        row.peakMB(),
        row.startModel(),
        rival.problem(),
        row.startProblem());
  }
}
