package dev.tilework.train;

import java.io.Console;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A bar that grows with each batch of an epoch; nothing where no person looks at a terminal. */
final class Progress implements AutoCloseable {
  private final ProgressBar bar;

  Progress(boolean wanted, String task, int done, int batches) {
    Console console = System.console();
    if (!wanted || console == null || !console.isTerminal()) {
      bar = null;
      return;
    }
    bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(batches)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(500)
            .setConsumer(new ConsoleProgressBarConsumer(System.err))
            .clearDisplayOnFinish()
            .build();
    bar.stepTo(done);
  }

  void step(Position p) {
    if (bar != null) {
      bar.setExtraMessage(
          String.format(
              Locale.ROOT,
              " loss %.3f, accuracy %.1f %%, %.0f images/s",
              p.meanLoss(),
              100 * p.accuracy(),
              p.images() / p.seconds()));
      bar.stepTo(p.batch());
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
