package dev.tilework.cli;

/** A failure whose message tells a user what to do; shown without a stack trace, exit code 1. */
final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1;

  UserError(String message) {
    super(message);
  }

  UserError(String message, Throwable cause) {
    super(message, cause);
  }
}
