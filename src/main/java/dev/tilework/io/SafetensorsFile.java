package dev.tilework.io;

import dev.tilework.Device;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/** An open safetensors file, or the bytes of one, whose header was read and checked. */
public final class SafetensorsFile implements AutoCloseable {
  private static final long PIECE = 64 << 20;

  /** Where the bytes are. */
  private interface Source {
    /** Fills the buffer from a position on, as far as one call does, and gives the bytes read. */
    int read(ByteBuffer buffer, long position) throws IOException;

    void close() throws IOException;
  }

  private final Path path;
  private final Source source;
  private final Header header;
  private final long dataStart;

  private SafetensorsFile(Path path, Source source, long size) throws IOException {
    this.path = path;
    this.source = source;
    if (size < 8) {
      throw new FormatException(path, size + " bytes are too few for a safetensors file");
    }
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    fill(length, 0);
    long headerBytes = length.flip().getLong();
    if (headerBytes < 2 || headerBytes > Header.MAX_BYTES || headerBytes > size - 8) {
      throw new FormatException(
          path,
          "a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes does not fit into a file of "
              + size
              + " (or exceeds "
              + Header.MAX_BYTES
              + "); it is truncated or no safetensors file");
    }
    dataStart = 8 + headerBytes;
    ByteBuffer text = ByteBuffer.allocate((int) headerBytes);
    fill(text, 8);
    header = Header.parse(path, text.array(), size - dataStart);
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws FormatException when it is not a whole and valid safetensors file
   * @throws IOException when it cannot be read
   */
  public static SafetensorsFile open(Path path) throws IOException {
    Safetensors.requireLittleEndian();
    FileChannel channel = FileChannel.open(path);
    try {
      return new SafetensorsFile(path, source(channel), channel.size());
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /**
   * The content of a file in memory, as {@link Weights#toBytes} makes it; {@link #path} is then but
   * a word for messages. The array must not be changed meanwhile.
   *
   * @throws FormatException when it is not whole and valid
   */
  public static SafetensorsFile of(byte[] content) throws IOException {
    Safetensors.requireLittleEndian();
    return new SafetensorsFile(Path.of("(bytes in memory)"), source(content), content.length);
  }

  private static Source source(FileChannel channel) {
    return new Source() {
      @Override
      public int read(ByteBuffer buffer, long position) throws IOException {
        return channel.read(buffer, position);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  private static Source source(byte[] content) {
    return new Source() {
      @Override
      public int read(ByteBuffer buffer, long position) {
        int n = (int) Math.min(buffer.remaining(), content.length - position);
        buffer.put(content, (int) position, n);
        return n > 0 ? n : -1;
      }

      @Override
      public void close() {}
    };
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** The words about the file. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** The names of the tensors, in the header's order. */
  public Set<String> names() {
    return header.entries().keySet();
  }

  /** The shape of a tensor. */
  public Shape shape(String name) {
    return entry(name).shape();
  }

  /**
   * Reads a tensor.
   *
   * @throws FormatException when its element type is none of this library's, or the file was cut
   *     short since it was opened
   */
  public Tensor read(String name, Device device) throws IOException {
    Header.Entry e = entry(name);
    if (e.type().dtype == null) {
      throw new FormatException(
          path, name, "elements of type " + e.type() + " have no counterpart in this library");
    }
    try (Arena arena = Arena.ofConfined()) {
      return Tensor.from(device, bytes(name, arena), e.type().dtype, e.shape().dims());
    }
  }

  Header.Entry entry(String name) {
    Header.Entry e = header.entries().get(name);
    if (e == null) {
      throw new NoSuchElementException(path + ": there is no tensor '" + name + "'");
    }
    return e;
  }

  /** The first byte of the tensors' data. */
  long dataStart() {
    return dataStart;
  }

  /** The bytes of a tensor. */
  MemorySegment bytes(String name, Arena arena) throws IOException {
    Header.Entry e = entry(name);
    MemorySegment s = arena.allocate(e.bytes());
    for (long at = 0; at < e.bytes(); at += PIECE) {
      long n = Math.min(PIECE, e.bytes() - at);
      fill(s.asSlice(at, n).asByteBuffer(), dataStart + e.begin() + at);
    }
    return s;
  }

  private void fill(ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int n = source.read(buffer, at);
      if (n < 0) {
        throw new FormatException(path, "the file ends at byte " + at + "; it was cut short");
      }
      at += n;
    }
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
