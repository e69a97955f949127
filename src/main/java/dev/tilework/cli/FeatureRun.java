package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.data.Augmentation;
import dev.tilework.data.DataLoader;
import dev.tilework.data.Dataset;
import dev.tilework.metrics.History;
import dev.tilework.nn.Module;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Trainer;
import dev.tilework.transfer.FeatureKey;
import dev.tilework.transfer.FeatureTrainer;
import dev.tilework.transfer.Features;
import dev.tilework.transfer.Transfer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/** Trains a network's classifier on features that are computed, or read from a cache, once. */
final class FeatureRun {
  private final TrainSettings settings;
  private final Device device;
  private final PrintWriter out;

  FeatureRun(TrainSettings settings, Device device, PrintWriter out) {
    this.settings = settings;
    this.device = device;
    this.out = out;
  }

  /**
   * Trains.
   *
   * @param train as for training; its images are taken as they are, in the data set's order
   */
  Trainer.Result run(
      Module network,
      Optimizer optimizer,
      DataLoader train,
      DataLoader validation,
      Consumer<History.Epoch> listener)
      throws IOException {
    DataLoader.Options o = train.options();
    var unchanged =
        new DataLoader.Options(
            o.batchSize(), false, Augmentation.NONE, o.normalization(), 0, o.workers(), 4);
    Features learned;
    try (DataLoader plain = new DataLoader(train.data(), unchanged)) {
      learned = features("train", network, plain);
    }
    Features measured = features("validation", network, validation);
    var options =
        new FeatureTrainer.Options(
            settings.epochs(),
            settings.batch(),
            settings.labelSmoothing(),
            settings.seed(),
            listener);
    var schedule = settings.scheduleOf(FeatureTrainer.steps(learned, settings.batch()));
    return new FeatureTrainer(
            Transfer.classifier(network), optimizer, schedule, learned, measured, options)
        .run();
  }

  private Features features(String what, Module network, DataLoader loader) throws IOException {
    Dataset data = loader.data();
    String cache = settings.transfer().cache();
    Path file = cache == null ? null : Path.of(cache).resolve(what + ".safetensors");
    String key = file == null ? null : FeatureKey.of(network, loader);
    if (file != null) {
      Optional<Features> known = Features.load(file, key, data.classes());
      if (known.isPresent()) {
        out.println("features of " + what + " images are those of " + file);
        return known.get();
      }
    }
    long start = System.nanoTime();
    Features f = Features.of(network, device, loader);
    out.printf(
        Locale.ROOT,
        "%d features of %,d %s images in %.1f s%n",
        f.width(),
        f.size(),
        what,
        (System.nanoTime() - start) / 1e9);
    out.flush();
    if (file != null) {
      f.save(file, key);
    }
    return f;
  }
}
