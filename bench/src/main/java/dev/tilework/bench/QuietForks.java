package dev.tilework.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Drops the lines about the Vector API and OpenCL with which each fork would break the table. */
final class QuietForks extends OutputStream {
  private static final List<String> DROPPED =
      List.of(
          "WARNING: Using incubator modules: jdk.incubator.vector",
          "WARNING: Aparapi is running on an untested OpenCL platform version");

  private final OutputStream target;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  QuietForks(OutputStream target) {
    this.target = target;
  }

  @Override
  public synchronized void write(int b) throws IOException {
    line.write(b);
    if (b == '\n') {
      String text = line.toString(StandardCharsets.UTF_8);
      if (DROPPED.stream().noneMatch(text::startsWith)) {
        line.writeTo(target);
        target.flush();
      }
      line.reset();
    }
  }
}
