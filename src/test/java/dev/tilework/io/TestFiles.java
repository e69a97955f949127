package dev.tilework.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files written byte by byte, whether valid or not. */
final class TestFiles {
  private TestFiles() {}

  static Path safetensors(Path file, String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return raw(file, text.length, text, data);
  }

  static Path raw(Path file, long length, byte[] header, byte[] data) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(8 + header.length + data.length);
    b.order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(header).put(data);
    return Files.write(file, b.array());
  }
}
