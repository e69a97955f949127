package dev.tilework.io;

import dev.tilework.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Checkpoints as {@code torch.save} lays them out, with what a test wants in them. */
public final class TorchFiles {
  private TorchFiles() {}

  /** A dense float tensor. */
  public record Dense(float[] values, int... dims) {
    byte[] bytes() {
      ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      for (float v : values) {
        b.putFloat(v);
      }
      return b.array();
    }

    long[] longDims() {
      return java.util.Arrays.stream(dims).asLongStream().toArray();
    }

    long[] strides() {
      return TensorView.contiguous(StoredType.F32, dims, java.lang.foreign.MemorySegment.NULL)
          .strides();
    }
  }

  /** The pickle of a state dictionary. */
  static PickleWriter stateDict(PickleWriter p, Map<String, Dense> state) {
    p.orderedDict().op("(");
    int[] key = {0};
    state.forEach(
        (name, t) ->
            p.text(name)
                .tensor(
                    "FloatStorage",
                    String.valueOf(key[0]++),
                    t.values().length,
                    0,
                    t.longDims(),
                    t.strides()));
    p.op("u");
    // What PyTorch adds: the versions of the modules.
    return p.op("}").text("_metadata").orderedDict().op("sb");
  }

  static Map<String, byte[]> storages(Map<String, Dense> state) {
    Map<String, byte[]> all = new LinkedHashMap<>();
    state.values().forEach(t -> all.put(String.valueOf(all.size()), t.bytes()));
    return all;
  }

  public static Path zip(Path file, Map<String, Dense> state) throws IOException {
    byte[] pickle = stateDict(new PickleWriter(), state).end();
    return zip(file, pickle, storages(state), false);
  }

  static Path zip(Path file, byte[] pickle, Map<String, byte[]> storages, boolean deflated)
      throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", pickle);
    entries.put("archive/byteorder", "little".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    storages.forEach((key, bytes) -> entries.put("archive/data/" + key, bytes));
    entries.put("archive/version", new byte[] {'3', '\n'});
    return Files.write(file, zip(entries, deflated));
  }

  static byte[] zip(Map<String, byte[]> entries, boolean deflated) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        ZipEntry z = new ZipEntry(e.getKey());
        if (!deflated) {
          CRC32 crc = new CRC32();
          crc.update(e.getValue());
          z.setMethod(ZipEntry.STORED);
          z.setSize(e.getValue().length);
          z.setCrc(crc.getValue());
        }
        zip.putNextEntry(z);
        zip.write(e.getValue());
      }
    }
    return out.toByteArray();
  }

  /** The format before PyTorch 1.6. */
  public static Path legacy(Path file, Map<String, Dense> state) throws IOException {
    PickleWriter keys = new PickleWriter().op("](");
    Map<String, byte[]> storages = storages(state);
    storages.keySet().forEach(keys::text);
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(legacyHead(true));
      out.write(stateDict(new PickleWriter(), state).end());
      out.write(keys.op("e").end());
      for (byte[] b : storages.values()) {
        out.write(PickleWriter.little(8, b.length / 4));
        out.write(b);
      }
    }
    return file;
  }

  static byte[] legacyHead(boolean littleEndian) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e"));
    out.write(new PickleWriter().number(1001).end());
    PickleWriter machine = new PickleWriter().op("}(").text("protocol_version").number(1001);
    machine.text("little_endian").raw(littleEndian ? 0x88 : 0x89);
    machine.text("type_sizes").op("}").text("int").number(4).op("s");
    out.write(machine.op("u").end());
    return out.toByteArray();
  }

  /** Values 1, 2, 3, ... */
  static Dense counting(int... dims) {
    float[] v = new float[(int) Shape.of(dims).elements()];
    for (int i = 0; i < v.length; i++) {
      v[i] = i + 1;
    }
    return new Dense(v, dims);
  }
}
