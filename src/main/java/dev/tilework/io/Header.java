package dev.tilework.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tilework.Shape;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file: JSON that maps each tensor's name to its type, shape and place
 * in the data that follows, and {@code __metadata__} to strings.
 *
 * @param entries by name, in the header's order
 */
record Header(Map<String, String> metadata, Map<String, Entry> entries) {
  /** The longest header that is read, in bytes; the format's reference has the same limit. */
  static final long MAX_BYTES = 100_000_000;

  /** The key under which the words about the file stand. */
  static final String METADATA = "__metadata__";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** A tensor's place: bytes {@code begin} (included) to {@code end} (excluded) of the data. */
  record Entry(StoredType type, Shape shape, long begin, long end) {
    long bytes() {
      return end - begin;
    }
  }

  /** The JSON text, padded with spaces so that the data after it begins at a multiple of 8. */
  byte[] toBytes() {
    ObjectNode root = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode m = root.putObject(METADATA);
      metadata.forEach(m::put);
    }
    entries.forEach(
        (name, e) -> {
          ObjectNode n = root.putObject(name);
          n.put("dtype", e.type().name());
          var shape = n.putArray("shape");
          for (int d : e.shape().dims()) {
            shape.add(d);
          }
          n.putArray("data_offsets").add(e.begin()).add(e.end());
        });
    byte[] text = root.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(text, (text.length + 7) / 8 * 8);
    Arrays.fill(padded, text.length, padded.length, (byte) ' ');
    return padded;
  }

  /**
   * Reads and checks a header.
   *
   * @param dataBytes the bytes of the file behind the header
   */
  static Header parse(Path file, byte[] text, long dataBytes) throws FormatException {
    JsonNode root = json(file, text);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> p : root.properties()) {
      if (p.getKey().equals(METADATA)) {
        readMetadata(file, p.getValue(), metadata);
      } else {
        entries.put(p.getKey(), entry(file, p.getKey(), p.getValue(), dataBytes));
      }
    }
    checkPlaces(file, entries, dataBytes);
    return new Header(Collections.unmodifiableMap(metadata), Collections.unmodifiableMap(entries));
  }

  private static JsonNode json(Path file, byte[] text) throws FormatException {
    JsonNode root;
    try {
      // Decoded here, for the JSON parser would guess at other encodings than UTF-8.
      root =
          JSON.readTree(
              StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text)).toString());
    } catch (CharacterCodingException e) {
      throw new FormatException(file, "the header is not UTF-8", e);
    } catch (JsonProcessingException e) {
      throw new FormatException(file, "the header is not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (!root.isObject()) {
      throw new FormatException(file, "the header is not a JSON object");
    }
    return root;
  }

  private static void readMetadata(Path file, JsonNode node, Map<String, String> metadata)
      throws FormatException {
    boolean strings = node.isObject();
    for (Map.Entry<String, JsonNode> p : node.properties()) {
      strings &= p.getValue().isTextual();
      metadata.put(p.getKey(), p.getValue().asText());
    }
    if (!strings) {
      throw new FormatException(file, METADATA + " is not an object of strings");
    }
  }

  private static Entry entry(Path file, String name, JsonNode node, long dataBytes)
      throws FormatException {
    StoredType type = StoredType.named(node.path("dtype").asText());
    if (type == null) {
      throw new FormatException(file, name, "unknown element type " + node.path("dtype"));
    }
    Shape shape = shape(file, name, node.path("shape"));
    JsonNode offsets = node.path("data_offsets");
    if (!offsets.isArray()
        || offsets.size() != 2
        || !isLong(offsets.get(0))
        || !isLong(offsets.get(1))) {
      throw new FormatException(file, name, "data_offsets " + offsets + " are not two integers");
    }
    Entry e = new Entry(type, shape, offsets.get(0).asLong(), offsets.get(1).asLong());
    if (e.begin() < 0 || e.end() < e.begin() || e.end() > dataBytes) {
      throw new FormatException(
          file,
          name,
          "bytes "
              + e.begin()
              + " to "
              + e.end()
              + " are outside the "
              + dataBytes
              + " bytes of data; the file may be truncated");
    }
    if (shape.elements() > Long.MAX_VALUE / type.bytes
        || e.bytes() != shape.elements() * type.bytes) {
      throw new FormatException(
          file, name, type + " of shape " + shape + " does not fill " + e.bytes() + " bytes");
    }
    return e;
  }

  private static Shape shape(Path file, String name, JsonNode node) throws FormatException {
    int[] dims = new int[node.size()];
    boolean ok = node.isArray();
    for (int i = 0; ok && i < dims.length; i++) {
      JsonNode d = node.get(i);
      ok = d.isIntegralNumber() && d.canConvertToInt() && d.asInt() >= 0;
      dims[i] = d.asInt();
    }
    if (!ok) {
      throw new FormatException(
          file, name, "shape " + node + " is not an array of extents from 0 to 2^31 - 1");
    }
    try {
      return Shape.of(dims);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file, name, "shape " + node + " has too many elements");
    }
  }

  private static boolean isLong(JsonNode n) {
    return n.isIntegralNumber() && n.canConvertToLong();
  }

  /** The tensors fill the data without gap or overlap, as the format demands. */
  private static void checkPlaces(Path file, Map<String, Entry> entries, long dataBytes)
      throws FormatException {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long at = 0;
    for (var e : sorted) {
      long begin = e.getValue().begin();
      if (begin != at) {
        throw new FormatException(
            file,
            e.getKey(),
            "it begins at byte "
                + begin
                + (begin < at ? ", inside another tensor" : ", with a gap before it")
                + "; expected byte "
                + at);
      }
      at = e.getValue().end();
    }
    if (at != dataBytes) {
      throw new FormatException(
          file,
          "the tensors end at byte " + at + " of the data, which has " + dataBytes + " bytes");
    }
  }
}
