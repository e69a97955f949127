package dev.tilework.io;

import java.io.IOException;
import java.nio.file.Path;

/** A file is not what it should be; the message says the file, the tensor and the reason. */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A fault of the whole file. */
  public FormatException(Path file, String reason) {
    super(file + ": " + reason);
  }

  /** A fault of one tensor. */
  public FormatException(Path file, String tensor, String reason) {
    super(file + ": tensor '" + tensor + "': " + reason);
  }

  FormatException(Path file, String reason, Throwable cause) {
    super(file + ": " + reason, cause);
  }
}
