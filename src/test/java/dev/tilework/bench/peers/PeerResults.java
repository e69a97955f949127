package dev.tilework.bench.peers;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.bench.BarChart;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The part of the performance document about peers, from the files of {@link PeerSuite}. */
public final class PeerResults {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int MOST_SERIES = 4;

  private final Map<String, PeerReport> newest = new LinkedHashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();
  private PeerReport last;

  /** Takes in a file; those of one machine come in the order of their dates, the last counts. */
  public void add(String name, JsonNode report) {
    try {
      last = MAPPER.treeToValue(report, PeerReport.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(name + " is not a report of peers", e);
    }
    newest.put(PeerTable.machine(last), last);
    files.put(PeerTable.machine(last), name);
  }

  /**
   * The text, and pictures by their file names.
   *
   * @param pictures receives them
   */
  public String markdown(Map<String, String> pictures) {
    if (newest.isEmpty()) {
      return "No peer has been measured yet. `./tilework bench --peers` does it in one command.\n";
    }
    StringBuilder s = new StringBuilder();
    newest.forEach(
        (machine, report) -> {
          s.append("### ").append(machine).append("\n\nFrom [");
          s.append(report.date(), 0, 10).append("](../bench/results/").append(files.get(machine));
          s.append("), commit ").append(report.commit()).append(", JDK ").append(report.jdk());
          s.append(
              report.complete() ? ".\n\n" : ". The time was up before all cases were run.\n\n");
          String picture = picture(report);
          pictures.put(file(report), picture);
          s.append("![Speed relative to each peer](").append(file(report)).append(")\n\n");
          s.append(PeerTable.markdown(report));
        });
    return s.toString();
  }

  /** What the README says of the newest result; nothing where there is none. */
  public String readme() {
    if (last == null) {
      return "";
    }
    return String.format(
        Locale.ROOT,
        """
        ![Speed relative to each peer](docs/%s)

        Beside other libraries for Java on %s, %s: [all figures](docs/performance.md#peers), drawn from \
        [one run](bench/results/%s) of `./tilework bench --peers`.
        """,
        file(last),
        PeerTable.machine(last),
        last.date().substring(0, 10),
        files.get(PeerTable.machine(last)));
  }

  private static String file(PeerReport report) {
    String slug = PeerTable.machine(report).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return "performance-peers-" + slug + ".svg";
  }

  private static String picture(PeerReport report) {
    List<String> peers = PeerTable.peers(report).stream().limit(MOST_SERIES).toList();
    BarChart chart =
        new BarChart(
            "Tilework's speed relative to other libraries",
            "the peer's time over ours, geometric means: above 1, ours is the faster",
            peers.isEmpty() ? List.of("no peer") : peers.stream().map(p -> "over " + p).toList());
    for (PeerMeans m : peers.isEmpty() ? List.<PeerMeans>of() : PeerMeans.of(report)) {
      chart.add(PeerCharts.label(m), peers.stream().map(m::ofPeer).toArray(Double[]::new));
    }
    return chart.svg();
  }
}
