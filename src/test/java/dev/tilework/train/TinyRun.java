package dev.tilework.train;

import dev.tilework.Device;
import dev.tilework.Tensor;
import dev.tilework.TestDevices;
import dev.tilework.data.Augmentation;
import dev.tilework.data.DataLoader;
import dev.tilework.data.Dataset;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.Normalization;
import dev.tilework.metrics.History;
import dev.tilework.nn.AdaptiveAvgPool2d;
import dev.tilework.nn.BatchNorm2d;
import dev.tilework.nn.Conv2d;
import dev.tilework.nn.Dropout;
import dev.tilework.nn.Flatten;
import dev.tilework.nn.Linear;
import dev.tilework.nn.Module;
import dev.tilework.nn.Relu;
import dev.tilework.nn.Sequential;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A training run that takes a moment, with everything in it that a resume must bring back. */
final class TinyRun implements AutoCloseable {
  static final int IMAGES = 40;
  static final int BATCH = 8;
  static final int STEPS_AN_EPOCH = IMAGES / BATCH;
  static final Schedule CYCLE = new Schedule.OneCycle(0.1f, 4 * STEPS_AN_EPOCH, 0.3f);
  private static final Normalization HALF =
      new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.25f, 0.25f, 0.25f));

  final Device device = TestDevices.cpu();
  final Module model =
      new Sequential(
          new Conv2d(3, 16, 3).padding(1).withoutBias(),
          new BatchNorm2d(16),
          new Relu(),
          new Conv2d(16, 32, 3).stride(2).padding(1),
          new Relu(),
          new AdaptiveAvgPool2d(),
          new Flatten(),
          new Dropout(0.2f),
          new Linear(32, 10));
  final Optimizer optimizer;
  final DataLoader train;
  final DataLoader validation;
  final Schedule schedule;

  TinyRun() {
    this(new GeneratedShapes(IMAGES, 12, 1), CYCLE);
  }

  TinyRun(Dataset data, Schedule schedule) {
    this(data, schedule, HALF, false);
  }

  TinyRun(Dataset data, Schedule schedule, Normalization normalization, boolean adam) {
    model.init(device, 5);
    this.schedule = schedule;
    optimizer =
        adam
            ? Adam.adamW(model.parameters(), WeightDecay.of(0.01f))
            : new Sgd(model.parameters(), 0.9f, true, WeightDecay.of(5e-4f));
    train =
        new DataLoader(
            data,
            new DataLoader.Options(BATCH, true, Augmentation.STANDARD, normalization, 7, 1, 1));
    validation =
        new DataLoader(
            new GeneratedShapes(20, 12, 2), DataLoader.Options.evaluation(8, normalization));
  }

  static TinyRun withAdam() {
    return new TinyRun(
        new GeneratedShapes(IMAGES, 12, 1), new Schedule.Constant(0.01f), HALF, true);
  }

  Trainer trainer(TrainerOptions options) {
    return new Trainer(model, optimizer, schedule, train, validation, options);
  }

  static TrainerOptions options(int epochs, Path folder, int every) {
    return TrainerOptions.epochs(epochs)
        .withLabelSmoothing(0.1f)
        .withClipNorm(1)
        .withCheckpoints(folder, every, Map.of("kind", "tiny"));
  }

  /** Every bit of model and optimizer. */
  Map<String, String> bits() {
    Map<String, String> all = new TreeMap<>();
    model.state().forEach((name, t) -> all.put(name, bits(t)));
    optimizer.state().forEach((name, t) -> all.put("optimizer." + name, bits(t)));
    all.put("optimizer steps", String.valueOf(optimizer.steps()));
    return all;
  }

  private static String bits(Tensor t) {
    StringBuilder s = new StringBuilder();
    for (float v : t.toArray()) {
      s.append(Integer.toHexString(Float.floatToRawIntBits(v))).append(' ');
    }
    return s.toString();
  }

  /** A history without the clock's part. */
  static List<String> measured(History h) {
    return h.epochs().stream()
        .map(
            e ->
                e.epoch()
                    + " "
                    + e.loss()
                    + " "
                    + e.accuracy()
                    + " "
                    + e.validationLoss()
                    + " "
                    + e.validationAccuracy()
                    + " "
                    + e.rate())
        .toList();
  }

  @Override
  public void close() {
    train.close();
    validation.close();
    optimizer.close();
    model.close();
  }
}
