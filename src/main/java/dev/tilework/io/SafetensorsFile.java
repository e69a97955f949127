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

/** An open safetensors file, whose header was read and checked. */
public final class SafetensorsFile implements AutoCloseable {
  private static final long PIECE = 64 << 20;

  private final Path path;
  private final FileChannel channel;
  private final Header header;
  private final long dataStart;

  private SafetensorsFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    long size = channel.size();
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
      return new SafetensorsFile(path, channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
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
      int n = channel.read(buffer, at);
      if (n < 0) {
        throw new FormatException(path, "the file ends at byte " + at + "; it was cut short");
      }
      at += n;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
