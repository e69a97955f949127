package dev.tilework.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.DType;
import dev.tilework.Device;
import dev.tilework.Devices;
import dev.tilework.Scope;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  private static final Device CPU = Devices.cpu();

  @TempDir Path folder;
  private Scope scope;

  @BeforeEach
  void open() {
    scope = Scope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** A file of which each byte is known. */
  @Test
  void readsWhatTheFormatSays() throws IOException {
    String json =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"__metadata__\":{\"k\":\"v\"},"
            + "\"b\":{\"dtype\":\"U8\",\"shape\":[1,3],\"data_offsets\":[8,11]}}  ";
    byte[] data = {0, 0, (byte) 0x80, 0x3F, 0, 0, 0, (byte) 0xC0, 7, 8, (byte) 255};
    Path file = write(json, data);
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertEquals(Map.of("k", "v"), f.metadata());
      assertEquals(List.of("a", "b"), List.copyOf(f.names()));
      assertEquals(Shape.of(1, 3), f.shape("b"));
      assertArrayEquals(new float[] {1, -2}, f.read("a", CPU).toArray());
      assertArrayEquals(new byte[] {7, 8, -1}, f.read("b", CPU).toByteArray());
      assertThrows(NoSuchElementException.class, () -> f.read("c", CPU));
    }
  }

  @Test
  void writesWhatTheFormatSays() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("bytes", Tensor.ofBytes(CPU, new byte[] {1, 2, 3}, 3));
    tensors.put("x", Tensor.of(CPU, new float[] {1}, 1));
    Safetensors.save(file, tensors, Map.of("k", "v"));
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[(int) all.getLong()];
    all.get(header);
    assertEquals(0, header.length % 8);
    assertEquals(
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"bytes\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]}}",
        new String(header, StandardCharsets.UTF_8).stripTrailing());
    assertEquals(1f, all.getFloat());
    assertEquals(7, all.remaining() + 4);
    assertEquals(1, all.get());
  }

  @Test
  void roundTripKeepsEveryBitOfEveryType() throws IOException {
    long seed = 11;
    Random random = new Random(seed);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (DType type : DType.values()) {
      for (int[] dims : new int[][] {{}, {0, 4}, {3, 5, 7}, {1021}}) {
        byte[] bytes = new byte[(int) Shape.of(dims).elements() * type.bytes()];
        random.nextBytes(bytes);
        tensors.put(
            type + " \"ü\\ " + dims.length,
            Tensor.from(CPU, MemorySegment.ofArray(bytes), type, dims));
      }
    }
    Path file = folder.resolve("r.safetensors");
    Safetensors.save(file, tensors, Map.of());
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertEquals(tensors.keySet(), f.names());
      for (var e : tensors.entrySet()) {
        Tensor back = f.read(e.getKey(), CPU);
        assertEquals(e.getValue().spec(), back.spec());
        assertArrayEquals(bytes(e.getValue()), bytes(back), e.getKey() + ", seed " + seed);
      }
    }
  }

  @Test
  void metadataKeyIsNotATensor() {
    Map<String, Tensor> t = Map.of("__metadata__", Tensor.of(CPU, new float[] {1}, 1));
    Path file = folder.resolve("m");
    assertThrows(IllegalArgumentException.class, () -> Safetensors.save(file, t, Map.of()));
  }

  @Test
  void fullDiskLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("f.safetensors");
    Map<String, Tensor> small = Map.of("x", Tensor.of(CPU, new float[] {1, 2}, 2));
    Map<String, Tensor> large = Map.of("x", Tensor.of(CPU, new float[1000], 1000));
    Safetensors.save(file, small, Map.of());
    byte[] before = Files.readAllBytes(file);
    for (int room : new int[] {0, 4, 8, 50, 2000}) {
      IOException e =
          assertThrows(
              IOException.class,
              () -> Safetensors.save(file, large, Map.of(), c -> new FullDisk(c, room)));
      assertEquals("No space left on device", e.getMessage());
      assertArrayEquals(before, Files.readAllBytes(file));
      try (var names = Files.list(folder)) {
        assertEquals(List.of(file), names.toList(), "no part of the new file is left");
      }
    }
    Safetensors.save(file, large, Map.of(), c -> new FullDisk(c, 100_000));
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertEquals(Shape.of(1000), f.shape("x"));
    }
  }

  @Test
  void missingFolder() {
    Path file = folder.resolve("none").resolve("f");
    assertThrows(NoSuchFileException.class, () -> Safetensors.save(file, Map.of(), Map.of()));
  }

  @Test
  void missingFile() {
    assertThrows(NoSuchFileException.class, () -> SafetensorsFile.open(folder.resolve("none")));
  }

  @Test
  void fileCutWhileOpen() throws IOException {
    Path file = folder.resolve("c.safetensors");
    Safetensors.save(file, Map.of("x", Tensor.of(CPU, new float[100], 100)), Map.of());
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      byte[] all = Files.readAllBytes(file);
      Files.write(file, java.util.Arrays.copyOf(all, all.length - 8));
      var e = assertThrows(FormatException.class, () -> f.read("x", CPU));
      assertTrue(e.getMessage().contains("cut short"), e.getMessage());
    }
  }

  @Test
  void typeWithoutCounterpartIsRefusedOnlyWhenRead() throws IOException {
    Path file =
        write(
            "{\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
                + "\"u\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[8,9]}}",
            new byte[9]);
    try (SafetensorsFile f = SafetensorsFile.open(file)) {
      assertEquals(1, f.read("u", CPU).elements());
      var e = assertThrows(FormatException.class, () -> f.read("n", CPU));
      assertTrue(e.getMessage().contains("'n'") && e.getMessage().contains("I64"), e.getMessage());
    }
  }

  private Path write(String header, byte[] data) throws IOException {
    return TestFiles.safetensors(folder.resolve("t.safetensors"), header, data);
  }

  private static byte[] bytes(Tensor t) {
    byte[] b = new byte[(int) t.spec().bytes()];
    t.read(MemorySegment.ofArray(b));
    return b;
  }

  /** A channel to a disk with room for so many bytes. */
  private static final class FullDisk implements WritableByteChannel {
    private final WritableByteChannel disk;
    private int room;

    FullDisk(WritableByteChannel disk, int room) {
      this.disk = disk;
      this.room = room;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
      if (room == 0) {
        throw new IOException("No space left on device");
      }
      int n = Math.min(room, source.remaining());
      ByteBuffer part = source.slice(source.position(), n);
      while (part.hasRemaining()) {
        disk.write(part);
      }
      source.position(source.position() + n);
      room -= n;
      return n;
    }

    @Override
    public boolean isOpen() {
      return disk.isOpen();
    }

    @Override
    public void close() throws IOException {
      disk.close();
    }
  }
}
