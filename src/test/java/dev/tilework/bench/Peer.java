package dev.tilework.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tilework.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The times of another library for the same cases, as {@code bench/peers/torch_layers.py} prints
 * them: a JSON object a line, the first with {@code peer}, its name and version, or {@code
 * skipped}, why it did not run; the others with {@code layer}, {@code batch}, {@code pass}, {@code
 * precision} and {@code microseconds}.
 */
final class Peer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final String name;
  private final Map<List<Object>, Double> times = new HashMap<>();

  private Peer(String name) {
    this.name = name;
  }

  /** No peer, with the reason. */
  static Peer none(String why) {
    return new Peer("none: " + why);
  }

  /**
   * Reads a file of lines. A last line that was cut off, as the program was stopped when its time
   * was up, is left out.
   */
  static Peer read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    if (lines.isEmpty()) {
      return none("it printed nothing");
    }
    JsonNode head = MAPPER.readTree(lines.getFirst());
    if (head.hasNonNull("skipped")) {
      return none(head.get("skipped").asText());
    }
    Peer peer = new Peer(head.required("peer").asText());
    for (int i = 1; i < lines.size(); i++) {
      if (i == lines.size() - 1 && !lines.get(i).endsWith("}")) {
        break;
      }
      JsonNode n = MAPPER.readTree(lines.get(i));
      if (n.hasNonNull("microseconds")) {
        peer.times.put(
            List.of(
                n.required("layer").asText(),
                n.required("batch").asInt(),
                n.required("pass").asText(),
                Precision.valueOf(n.required("precision").asText())),
            n.get("microseconds").asDouble());
      }
    }
    return peer;
  }

  /** The library, or why there is none. */
  String name() {
    return name;
  }

  /** The peer's time in microseconds; null where it has none. */
  Double time(String layer, int batch, String pass, Precision precision) {
    return times.get(List.of(layer, batch, pass, precision));
  }
}
