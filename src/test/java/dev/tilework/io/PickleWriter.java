package dev.tilework.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Pickles of protocol 2, written opcode by opcode as CPython's {@code pickletools} names them. */
public final class PickleWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  PickleWriter() {
    raw(0x80, 2);
  }

  PickleWriter raw(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  PickleWriter op(String opcodes) {
    return raw(opcodes.chars().toArray());
  }

  PickleWriter text(String s) {
    byte[] b = s.getBytes(StandardCharsets.UTF_8);
    out.write('X');
    out.writeBytes(little(4, b.length));
    out.writeBytes(b);
    return this;
  }

  PickleWriter number(long n) {
    if (n == (int) n) {
      out.write('J');
      out.writeBytes(little(4, n));
    } else {
      raw(0x8a, 8);
      out.writeBytes(little(8, n));
    }
    return this;
  }

  PickleWriter global(String module, String name) {
    out.write('c');
    out.writeBytes((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    return this;
  }

  PickleWriter numbers(long... values) {
    out.write('(');
    for (long v : values) {
      number(v);
    }
    out.write('t');
    return this;
  }

  /** An empty OrderedDict, by a call as Python 3 writes it. */
  PickleWriter orderedDict() {
    return global("collections", "OrderedDict").op(")R");
  }

  /** The persistent id of a storage. */
  PickleWriter storage(String type, String key, long elements) {
    op("(").text("storage").global("torch", type).text(key).text("cpu").number(elements);
    return op("tQ");
  }

  /** A tensor that views a storage. */
  PickleWriter tensor(
      String type, String key, long elements, long offset, long[] dims, long[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").op("(");
    storage(type, key, elements).number(offset).numbers(dims).numbers(strides).raw(0x89);
    return orderedDict().op("tR");
  }

  byte[] end() {
    out.write('.');
    return out.toByteArray();
  }

  static byte[] little(int bytes, long value) {
    ByteBuffer b = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return java.util.Arrays.copyOf(b.array(), bytes);
  }
}
