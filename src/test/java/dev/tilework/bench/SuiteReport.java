package dev.tilework.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tilework.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the GPU suite writes to {@code bench/results/}.
 *
 * @param kind {@code gpu}, which tells these files from those of single layers on a processor
 * @param gpu the device as its driver describes it
 * @param driver the version of its driver
 * @param jdk the version of the Java virtual machine
 * @param os the operating system
 * @param commit the state of the sources
 * @param date the day and time in UTC
 * @param contract what became of the test of all operations
 * @param memcheck what compute-sanitizer says of accesses to memory
 * @param racecheck what it says of races in shared memory
 * @param peer the library that ran the same cases on the same device, or why none did
 * @param complete whether every case was run before the time was up
 * @param copyGBs a copy within the device, in 10^9 bytes read or written a second; null where it
 *     was not measured
 * @param means how rows compare with the peer's, in all
 * @param rows the cases
 */
record SuiteReport(
    String kind,
    String gpu,
    String driver,
    String jdk,
    String os,
    String commit,
    String date,
    String contract,
    String memcheck,
    String racecheck,
    String peer,
    boolean complete,
    Double copyGBs,
    List<Mean> means,
    List<Row> rows) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /**
   * A case and its time. What does not apply to a case, or was not measured, is left out.
   *
   * @param group {@code layers}, {@code products}, {@code memory} or {@code models}
   * @param layer the list and the name in it, the product's extents, the operation, or the model
   * @param shape in a few words
   * @param batch images a call
   * @param pass what is computed of it
   * @param precision the arithmetic of convolutions and products
   * @param count how often the network has the layer
   * @param microseconds the median time of a call
   * @param lowerQuartile in microseconds
   * @param upperQuartile in microseconds
   * @param calls the number of timed calls
   * @param tflops 10^12 operations a second, two for each multiply-add of the direct algorithm
   * @param gbs 10^9 bytes a second that the operation must read or write
   * @param ofCopy the share that this is of a copy within the device
   * @param imagesPerSecond of a model
   * @param peerMicroseconds the peer's median for the same case
   * @param ratio the peer's time over ours: above 1 where ours is the faster
   * @param problem why there is no time
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Row(
      String group,
      String layer,
      String shape,
      int batch,
      String pass,
      Precision precision,
      int count,
      Double microseconds,
      Double lowerQuartile,
      Double upperQuartile,
      Long calls,
      Double tflops,
      Double gbs,
      Double ofCopy,
      Double imagesPerSecond,
      Double peerMicroseconds,
      Double ratio,
      String problem) {}

  /**
   * Cases that belong together.
   *
   * @param list the list of layers, or the group where it has none
   * @param cases how many of them the peer ran too
   * @param ratio the geometric mean of their ratios
   */
  record Mean(String list, int batch, String pass, Precision precision, int cases, double ratio) {}

  /** The geometric means of the ratios, by list, batch, pass and precision. */
  static List<Mean> means(List<Row> rows) {
    Map<List<Object>, List<Row>> sets = new LinkedHashMap<>();
    for (Row r : rows) {
      if (r.ratio() != null) {
        String list =
            r.group().equals("layers") ? r.layer().substring(0, r.layer().indexOf('/')) : r.group();
        sets.computeIfAbsent(
                List.of(list, r.batch(), r.pass(), r.precision()), k -> new ArrayList<>())
            .add(r);
      }
    }
    List<Mean> means = new ArrayList<>();
    sets.forEach(
        (key, set) -> {
          double logs = set.stream().mapToDouble(r -> Math.log(r.ratio())).sum();
          Row first = set.getFirst();
          means.add(
              new Mean(
                  (String) key.getFirst(),
                  first.batch(),
                  first.pass(),
                  first.precision(),
                  set.size(),
                  Math.exp(logs / set.size())));
        });
    return means;
  }

  /** Writes the file, whole or not at all. */
  void write(Path file) throws IOException {
    Path whole = file.toAbsolutePath();
    Files.createDirectories(whole.getParent());
    Path part = whole.resolveSibling(whole.getFileName() + ".part");
    MAPPER.writeValue(part.toFile(), this);
    Files.move(part, whole, StandardCopyOption.REPLACE_EXISTING);
  }
}
