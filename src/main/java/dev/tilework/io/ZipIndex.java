package dev.tilework.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * The entries of a zip file in memory, with zip64 (PKWARE, "APPNOTE.TXT - .ZIP File Format
 * Specification", version 6.3). The JDK's reader does not say where an entry's bytes lie; this one
 * gives a stored entry as a slice of the file, without a copy.
 *
 * <p>Whatever could be read in two ways is refused: names that occur twice, entries that overlap,
 * sizes that contradict each other.
 */
final class ZipIndex {
  /** More than this is inflated for no entry; PyTorch itself never deflates. */
  static final long MAX_INFLATED = 1L << 30;

  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int END_BYTES = 22;
  private static final long SATURATED = 0xFFFFFFFFL;

  private final Path path;
  private final MemorySegment file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** An entry: where its local header and its bytes lie. */
  private record Entry(
      String name, int method, long crc, long compressed, long bytes, long header, long begin) {}

  private ZipIndex(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  static boolean isZip(MemorySegment file) {
    return file.byteSize() >= 4 && file.get(U32, 0) == LOCAL;
  }

  static ZipIndex of(Path path, MemorySegment file) throws FormatException {
    ZipIndex zip = new ZipIndex(path, file);
    try {
      zip.read();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new FormatException(path, "the zip's directory points outside of the file", e);
    }
    return zip;
  }

  List<String> names() {
    return List.copyOf(entries.keySet());
  }

  boolean has(String name) {
    return entries.containsKey(name);
  }

  /** The size of an entry once inflated. */
  long bytes(String name) {
    return entries.get(name).bytes;
  }

  private void read() throws FormatException {
    long end = findEnd();
    long count = u16(end + 10);
    long bytes = u32(end + 12);
    long begin = u32(end + 16);
    long directoryEnd = end;
    if (end >= 20 && file.get(U32, end - 20) == LOCATOR64) {
      long at = file.get(U64, end - 20 + 8);
      if (at < 0 || at > end - 20 - 56 || file.get(U32, at) != END64) {
        throw new FormatException(path, "the zip64 record is not where the zip says");
      }
      count = file.get(U64, at + 32);
      bytes = file.get(U64, at + 40);
      begin = file.get(U64, at + 48);
      directoryEnd = at;
    }
    if (begin < 0 || bytes < 0 || begin > directoryEnd - bytes || count < 0 || count > bytes / 46) {
      throw new FormatException(
          path,
          "a zip directory of "
              + count
              + " entries in "
              + bytes
              + " bytes at byte "
              + begin
              + " does not fit into the file");
    }
    long at = begin;
    for (long i = 0; i < count; i++) {
      at = readEntry(at, begin, begin + bytes);
    }
    checkPlaces();
  }

  private long findEnd() throws FormatException {
    long last = file.byteSize() - END_BYTES;
    for (long at = last; at >= Math.max(0, last - 0xFFFF); at--) {
      if (file.get(U32, at) == END && at + END_BYTES + u16(at + 20) == file.byteSize()) {
        return at;
      }
    }
    throw new FormatException(path, "the zip has no directory at its end; it was cut short");
  }

  private long readEntry(long at, long dataEnd, long end) throws FormatException {
    if (at + 46 > end || file.get(U32, at) != CENTRAL) {
      throw new FormatException(path, "the zip's directory has no entry at byte " + at);
    }
    int flags = u16(at + 8);
    int method = u16(at + 10);
    long crc = u32(at + 16);
    int nameBytes = u16(at + 28);
    int extraBytes = u16(at + 30);
    long next = at + 46 + nameBytes + extraBytes + u16(at + 32);
    if (next > end) {
      throw new FormatException(path, "the zip's directory is cut short at byte " + at);
    }
    String name =
        new String(
            file.asSlice(at + 46, nameBytes).toArray(ValueLayout.JAVA_BYTE),
            StandardCharsets.UTF_8);
    long[] sizes = {u32(at + 24), u32(at + 20), u32(at + 42)};
    widen(name, sizes, at + 46 + nameBytes, extraBytes);
    if ((flags & 1) != 0 || method != 0 && method != 8) {
      throw new FormatException(
          path,
          "entry '"
              + name
              + "' is "
              + ((flags & 1) != 0 ? "encrypted" : "packed by method " + method)
              + "; expected it stored or deflated");
    }
    long header = sizes[2];
    if (header < 0
        || header > dataEnd - 30
        || file.get(U32, header) != LOCAL
        || sizes[0] < 0
        || sizes[1] < 0
        || method == 0 && sizes[0] != sizes[1]) {
      throw new FormatException(path, "entry '" + name + "' is not where the zip says");
    }
    long begin = header + 30 + u16(header + 26) + u16(header + 28);
    if (begin > dataEnd - sizes[1]) {
      throw new FormatException(
          path, "entry '" + name + "' of " + sizes[1] + " bytes reaches into the zip's directory");
    }
    Entry e = new Entry(name, method, crc, sizes[1], sizes[0], header, begin);
    if (entries.put(name, e) != null) {
      throw new FormatException(path, "two entries are named '" + name + "'");
    }
    return next;
  }

  /** Sizes and place that need 64 bits stand in the extra field, in this order. */
  private void widen(String name, long[] sizes, long extra, int extraBytes) throws FormatException {
    long at = extra;
    while (at + 4 <= extra + extraBytes) {
      int bytes = u16(at + 2);
      if (u16(at) == 1) {
        long field = at + 4;
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == SATURATED && field + 8 <= at + 4 + bytes) {
            sizes[i] = file.get(U64, field);
            field += 8;
          }
        }
        return;
      }
      at += 4 + bytes;
    }
  }

  private void checkPlaces() throws FormatException {
    List<Entry> sorted = new ArrayList<>(entries.values());
    sorted.sort(Comparator.comparingLong(Entry::header));
    long at = 0;
    for (Entry e : sorted) {
      if (e.header < at) {
        throw new FormatException(path, "entry '" + e.name + "' overlaps another one");
      }
      at = e.begin + e.compressed;
    }
  }

  /**
   * The bytes of an entry, of which the checksum was verified.
   *
   * @param arena for those that are inflated
   * @param most that are inflated
   */
  MemorySegment data(String name, Arena arena, long most) throws FormatException {
    Entry e = entries.get(name);
    MemorySegment packed = file.asSlice(e.begin, e.compressed);
    MemorySegment data = e.method == 0 ? packed : inflate(e, packed, arena, most);
    CRC32 crc = new CRC32();
    for (long at = 0; at < data.byteSize(); at += MAX_INFLATED) {
      crc.update(data.asSlice(at, Math.min(MAX_INFLATED, data.byteSize() - at)).asByteBuffer());
    }
    if (crc.getValue() != e.crc) {
      throw new FormatException(
          path,
          "the checksum of entry '"
              + name
              + "' is wrong: the file is damaged, or was saved without checksums");
    }
    return data;
  }

  private MemorySegment inflate(Entry e, MemorySegment packed, Arena arena, long most)
      throws FormatException {
    // Deflate packs 1032 bytes into one at the very best.
    if (e.bytes > most || e.compressed > MAX_INFLATED || e.bytes / 1032 > e.compressed) {
      throw new FormatException(
          path,
          "entry '"
              + e.name
              + "' claims to inflate from "
              + e.compressed
              + " to "
              + e.bytes
              + " bytes; at most "
              + most
              + " are inflated");
    }
    MemorySegment data = arena.allocate(e.bytes);
    ByteBuffer out = data.asByteBuffer();
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(packed.asByteBuffer());
      while (!inflater.finished()) {
        int n = out.hasRemaining() ? inflater.inflate(out) : inflater.inflate(new byte[1]);
        if (n == 0 && !inflater.finished() || n > 0 && inflater.getBytesWritten() > e.bytes) {
          throw new DataFormatException("its end is missing or its size is another");
        }
      }
    } catch (DataFormatException x) {
      throw new FormatException(path, "entry '" + e.name + "' cannot be inflated: " + x, x);
    } finally {
      inflater.end();
    }
    if (out.hasRemaining()) {
      throw new FormatException(path, "entry '" + e.name + "' is shorter than the zip says");
    }
    return data;
  }

  private int u16(long at) {
    return Short.toUnsignedInt(file.get(U16, at));
  }

  private long u32(long at) {
    return Integer.toUnsignedLong(file.get(U32, at));
  }
}
