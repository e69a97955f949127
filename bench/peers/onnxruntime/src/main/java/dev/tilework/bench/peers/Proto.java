package dev.tilework.bench.peers;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A message in Protocol Buffers' wire format. Nested ones are kept by reference: weights of
 * hundreds of megabytes are not copied.
 */
final class Proto {
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final List<byte[]> parts = new ArrayList<>();
  private long size;

  Proto integer(int field, long value) {
    tag(field, VARINT);
    varint(value);
    return this;
  }

  Proto real(int field, float value) {
    tag(field, FIXED32);
    add(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value).array());
    return this;
  }

  Proto text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  Proto bytes(int field, byte... value) {
    tag(field, BYTES);
    varint(value.length);
    add(value);
    return this;
  }

  Proto message(int field, Proto value) {
    tag(field, BYTES);
    varint(value.size);
    value.parts.forEach(this::add);
    return this;
  }

  /** Writes all of it. */
  void writeTo(OutputStream out) throws IOException {
    for (byte[] part : parts) {
      out.write(part);
    }
  }

  private void tag(int field, int type) {
    varint((long) field << 3 | type);
  }

  private void varint(long value) {
    byte[] bytes = new byte[10];
    int n = 0;
    long rest = value;
    do {
      bytes[n++] = (byte) (rest & 0x7F | (rest >>> 7 == 0 ? 0 : 0x80));
      rest >>>= 7;
    } while (rest != 0);
    add(Arrays.copyOf(bytes, n));
  }

  private void add(byte... part) {
    parts.add(part);
    size += part.length;
  }
}
