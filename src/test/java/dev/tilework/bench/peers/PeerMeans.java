package dev.tilework.bench.peers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Cases that belong together: those of a list of layers or of another group, of a batch and a pass.
 *
 * @param list the list of layers, the group where it has none, or the model
 * @param rows those in which something of ours and of a peer was timed
 */
record PeerMeans(String list, int batch, String pass, List<PeerReport.Row> rows) {
  /** The sets of a report, those of models first. */
  static List<PeerMeans> of(PeerReport report) {
    Map<PeerMeans, List<PeerReport.Row>> sets = new LinkedHashMap<>();
    for (PeerReport.Row r : report.rows()) {
      if (r.ratio() != null) {
        String list =
            switch (r.group()) {
              case "layers" -> r.layer().substring(0, r.layer().indexOf('/'));
              case "models" -> r.layer();
              default -> r.group();
            };
        sets.computeIfAbsent(
                new PeerMeans(list, r.batch(), r.pass(), List.of()), k -> new ArrayList<>())
            .add(r);
      }
    }
    return sets.keySet().stream()
        .map(k -> new PeerMeans(k.list, k.batch, k.pass, List.copyOf(sets.get(k))))
        .toList();
  }

  /**
   * The geometric mean of a peer's time over ours, each by its fastest form; null where the peer
   * has none of the cases.
   */
  Double ofPeer(String library) {
    return mean(r -> time(r, library) / PeerTable.ours(r).microseconds());
  }

  /** The same of the fastest peer of each case. */
  Double ofFastest() {
    return mean(PeerReport.Row::ratio);
  }

  /** The same over the fastest peer, of one of our devices. */
  Double ofDevice(String device) {
    return mean(
        r ->
            r.entries().stream()
                .filter(e -> e.isOurs() && e.form().equals(device) && e.microseconds() != null)
                .mapToDouble(
                    e -> PeerReport.bestPeer(r.entries()).microseconds() / e.microseconds())
                .findFirst()
                .orElse(Double.NaN));
  }

  /** The case in which we stand worst. */
  PeerReport.Row lowest() {
    return rows.stream().min(Comparator.comparing(PeerReport.Row::ratio)).orElseThrow();
  }

  private static double time(PeerReport.Row r, String library) {
    return PeerTable.fastest(r, library).map(PeerReport.Entry::microseconds).orElse(Double.NaN);
  }

  private Double mean(ToDoubleFunction<PeerReport.Row> ratio) {
    double[] logs =
        rows.stream().mapToDouble(ratio).filter(Double::isFinite).map(Math::log).toArray();
    return logs.length == 0 ? null : (Double) Math.exp(Arrays.stream(logs).sum() / logs.length);
  }
}
