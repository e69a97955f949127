package dev.tilework.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A driver whose kernels come in sizes that can be fitted to the hardware by measuring. */
public interface Tunable {
  /**
   * Measures which sizes are the fastest and writes them to a file. Programs that start afterwards
   * use them. Takes minutes.
   *
   * @param file where to write; null for the file that the driver reads when it starts
   * @param progress is told of each try
   * @throws IOException when the file cannot be written
   */
  Report tune(Path file, Progress progress) throws IOException;

  /** Follows the tries. */
  interface Progress {
    /**
     * A try begins.
     *
     * @param done tries before it
     * @param most how many there will be at most
     * @param what it tries
     */
    void next(int done, int most, String what);
  }

  /**
   * What was found.
   *
   * @param file where it was written
   * @param values the sizes that differ from those that are used without tuning
   */
  record Report(Path file, List<String> values, List<Rate> rates) {}

  /**
   * What an operation was measured at.
   *
   * @param unit of the numbers
   * @param standard without tuning
   */
  record Rate(String operation, String unit, double standard, double tuned) {}
}
