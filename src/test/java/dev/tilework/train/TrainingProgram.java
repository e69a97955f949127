package dev.tilework.train;

import dev.tilework.TestDevices;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.WatchedDataset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A {@link TinyRun} in a process of its own. Arguments: the folder for checkpoints, the epochs, and
 * the number of the image read at which it says so and waits to be killed (0 for none).
 */
final class TrainingProgram {
  static final String WAITING = "waiting to be killed";
  static final String FAILED = "failed: ";

  private TrainingProgram() {}

  public static void main(String... args) {
    int stopAt = Integer.parseInt(args[2]);
    AtomicInteger reads = new AtomicInteger();
    Runnable watch =
        () -> {
          if (reads.incrementAndGet() == stopAt) {
            System.out.println(WAITING);
            sleepForever();
          }
        };
    GeneratedShapes shapes = new GeneratedShapes(TinyRun.IMAGES, 12, 1);
    try (TinyRun run =
        new TinyRun(TestDevices.cpu(), new WatchedDataset(shapes, watch), TinyRun.CYCLE)) {
      Trainer t = run.trainer(TinyRun.options(Integer.parseInt(args[1]), Path.of(args[0]), 2));
      t.resume();
      t.run();
    } catch (RuntimeException e) {
      System.out.println(FAILED + e.getMessage());
      System.exit(1);
    }
  }

  private static void sleepForever() {
    while (true) {
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Starts the program, behind a shell command that is given first where it is not empty. */
  static Process start(String shell, Path folder, int epochs, int stopAt) throws IOException {
    List<String> java =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData",
                "-Xmx512m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                TrainingProgram.class.getName(),
                folder.toString(),
                String.valueOf(epochs),
                String.valueOf(stopAt)));
    if (!shell.isEmpty()) {
      java.addAll(0, List.of("bash", "-c", shell + "; exec \"$@\"", "bash"));
    }
    return new ProcessBuilder(java).redirectErrorStream(true).start();
  }
}
