package dev.tilework.cuda;

import java.util.function.Supplier;

/** What the device says when it is asked to: {@code -Dtilework.log=choices}. */
final class Log {
  private static final System.Logger LOG = System.getLogger("dev.tilework.cuda");
  private static final boolean CHOICES = "choices".equals(System.getProperty("tilework.log"));

  private Log() {}

  /** Which kernel an operation takes. */
  static void choice(Supplier<String> text) {
    if (CHOICES) {
      LOG.log(System.Logger.Level.INFO, text);
    }
  }

  /** What a person should know who set a property. */
  static void info(String text) {
    LOG.log(System.Logger.Level.INFO, text);
  }
}
