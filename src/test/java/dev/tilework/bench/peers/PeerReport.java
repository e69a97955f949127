package dev.tilework.bench.peers;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * What {@code ./tilework bench --peers} writes.
 *
 * @param kind {@code peers}, which tells these files from others in the folder
 * @param processor its name
 * @param jdk the version of the Java virtual machine
 * @param os the operating system
 * @param threads of each library
 * @param vectorBits the preferred vector width
 * @param commit the state of the sources
 * @param date the day and time in UTC
 * @param complete whether every case was run before the time was up
 * @param libraries this one first
 * @param rows the cases
 */
record PeerReport(
    String kind,
    String processor,
    String jdk,
    String os,
    int threads,
    int vectorBits,
    String commit,
    String date,
    boolean complete,
    List<LibraryRow> libraries,
    List<Row> rows) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * A library.
   *
   * @param version and how it is reached
   * @param downloadMB the jars that a user of it downloads for one system, in 10^6 bytes
   * @param firstAnswerMs from the start of the process to the first answer of the network that
   *     {@code startModel} names, the median
   * @param peakMB the peak resident set of a process that runs this network, in 10^6 bytes
   * @param startModel the network and its batch
   * @param problem why it did not take part
   * @param startProblem why there is neither a first answer nor a peak
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record LibraryRow(
      String name,
      String version,
      Double downloadMB,
      Double firstAnswerMs,
      Double peakMB,
      String startModel,
      String problem,
      String startProblem) {}

  /**
   * A case.
   *
   * @param group {@code layers}, {@code products}, {@code memory} or {@code models}
   * @param layer the list and the name in it, the product's extents, the operation, or the model
   * @param shape in a few words
   * @param batch images a call
   * @param pass what is computed of it
   * @param count how often the network has the layer
   * @param flops of a call by the direct algorithm; 0 where memory bounds it
   * @param bytes that a call must read and write; 0 where arithmetic bounds it
   * @param entries the libraries in their forms, this one's first
   * @param ratio the fastest peer's time over ours: above 1 where ours is the faster
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String group,
      String layer,
      String shape,
      int batch,
      String pass,
      int count,
      long flops,
      long bytes,
      List<Entry> entries,
      Double ratio) {}

  /**
   * A library's time in one of its forms.
   *
   * @param microseconds the median of a call
   * @param lowerQuartile in microseconds
   * @param upperQuartile in microseconds
   * @param calls timed calls
   * @param problem why there is no time
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Entry(
      String library,
      String form,
      Double microseconds,
      Double lowerQuartile,
      Double upperQuartile,
      Integer calls,
      String problem) {
    boolean isOurs() {
      return library.equals(Tilework.NAME);
    }
  }

  /** A library's entry, from the times of its calls in nanoseconds. */
  static Entry entry(String library, String form, long[] nanos, String problem) {
    if (problem != null || nanos.length == 0) {
      String why = problem == null ? "not timed, as ours failed" : problem;
      return new Entry(library, form, null, null, null, null, why);
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int last = sorted.length - 1;
    return new Entry(
        library,
        form,
        median(sorted) / 1e3,
        sorted[last / 4] / 1e3,
        sorted[last - last / 4] / 1e3,
        sorted.length,
        null);
  }

  /** The middle of sorted numbers. */
  static double median(long... sorted) {
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
  }

  /** A row, with the ratio where there are two sides. Ours is the first device that was named. */
  static Row row(Task t, List<Entry> entries) {
    Entry best = bestPeer(entries);
    Entry ours = entries.isEmpty() ? null : entries.getFirst();
    boolean both = best != null && ours.isOurs() && ours.microseconds() != null;
    return new Row(
        t.group(),
        t.name(),
        t.shape(),
        t.batch(),
        t.pass(),
        t.count(),
        t.flops(),
        t.bytes(),
        entries,
        both ? (Double) (best.microseconds() / ours.microseconds()) : null);
  }

  /** The fastest entry of another library; null where none was timed. */
  static Entry bestPeer(List<Entry> entries) {
    return entries.stream()
        .filter(e -> !e.isOurs() && e.microseconds() != null)
        .min(Comparator.comparing(Entry::microseconds))
        .orElse(null);
  }

  /** Writes the file. */
  void write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    MAPPER.writeValue(file.toFile(), this);
  }
}
