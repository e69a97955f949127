package dev.tilework.io;

import dev.tilework.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Writes tensors by name to a safetensors file: the length of a JSON header (8 bytes, little
 * endian), the header, and the bytes of all tensors (<a
 * href="https://github.com/huggingface/safetensors#format">format</a>). {@link SafetensorsFile}
 * reads them.
 */
public final class Safetensors {
  private static final long PIECE = 64 << 20;

  private Safetensors() {}

  /**
   * Saves tensors. The file is replaced as a whole once all is written and on disk: when that fails
   * (a full disk, a crash), the old file stays as it was.
   *
   * @param metadata words about the file; may be empty
   * @throws IOException when the file cannot be written
   */
  public static void save(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    save(file, tensors, metadata, UnaryOperator.identity());
  }

  /** As above, the channel wrapped by what a test makes of it. */
  static void save(
      Path file,
      Map<String, Tensor> tensors,
      Map<String, String> metadata,
      UnaryOperator<WritableByteChannel> wrap)
      throws IOException {
    Plan plan = Plan.of(tensors, metadata);
    AtomicFile.replace(file, channel -> plan.writeTo(wrap.apply(channel)));
  }

  /**
   * The bytes of a file of these tensors.
   *
   * @throws IllegalArgumentException when they are more than an array holds, 2 GiB
   */
  static byte[] toBytes(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Plan plan = Plan.of(tensors, metadata);
    if (plan.bytes() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "safetensors: " + plan.bytes() + " bytes are more than an array holds; save to a file");
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream((int) plan.bytes());
    try {
      plan.writeTo(Channels.newChannel(out));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // memory does not fail so
    }
    return out.toByteArray();
  }

  /** What is written: the header and the tensors in their order. */
  private record Plan(byte[] header, List<Tensor> ordered) {
    static Plan of(Map<String, Tensor> tensors, Map<String, String> metadata) {
      requireLittleEndian();
      if (tensors.containsKey(Header.METADATA)) {
        throw new IllegalArgumentException(
            "save: the name " + Header.METADATA + " is not free for a tensor");
      }
      // Wide elements first: each tensor then begins at a multiple of its element's size.
      List<Map.Entry<String, Tensor>> ordered =
          tensors.entrySet().stream()
              .sorted(Comparator.comparingInt(e -> -e.getValue().dtype().bytes()))
              .toList();
      Map<String, Header.Entry> entries = new LinkedHashMap<>();
      long at = 0;
      for (var e : ordered) {
        Tensor t = e.getValue();
        long end = at + t.spec().bytes();
        entries.put(e.getKey(), new Header.Entry(StoredType.of(t.dtype()), t.shape(), at, end));
        at = end;
      }
      return new Plan(
          new Header(metadata, entries).toBytes(),
          ordered.stream().map(Map.Entry::getValue).toList());
    }

    long bytes() {
      return 8 + header.length + ordered.stream().mapToLong(t -> t.spec().bytes()).sum();
    }

    void writeTo(WritableByteChannel out) throws IOException {
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      write(out, length.putLong(header.length).flip());
      write(out, ByteBuffer.wrap(header));
      for (Tensor t : ordered) {
        write(out, t);
      }
    }
  }

  private static void write(WritableByteChannel out, Tensor t) throws IOException {
    long bytes = t.spec().bytes();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment s = arena.allocate(bytes);
      t.read(s);
      for (long at = 0; at < bytes; at += PIECE) {
        write(out, s.asSlice(at, Math.min(PIECE, bytes - at)).asByteBuffer());
      }
    }
  }

  private static void write(WritableByteChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }

  static void requireLittleEndian() {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new UnsupportedOperationException(
          "safetensors files hold little-endian numbers; this machine is big-endian");
    }
  }
}
