package dev.tilework.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Drops the line about the Vector API with which each fork would break the table. */
final class QuietForks extends OutputStream {
  private static final String DROPPED = "WARNING: Using incubator modules: jdk.incubator.vector";

  private final OutputStream target;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  QuietForks(OutputStream target) {
    this.target = target;
  }

  @Override
  public synchronized void write(int b) throws IOException {
    line.write(b);
    if (b == '\n') {
      if (!line.toString(StandardCharsets.UTF_8).strip().equals(DROPPED)) {
        line.writeTo(target);
        target.flush();
      }
      line.reset();
    }
  }
}
