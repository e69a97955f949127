package dev.tilework.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import java.util.function.Supplier;

/** A training run that takes a moment, with everything in it that a resume must bring back. */
final class TinyRun implements AutoCloseable {
  static final int IMAGES = 40;
  static final int BATCH = 8;
  static final int STEPS_AN_EPOCH = IMAGES / BATCH;
  static final Schedule CYCLE = new Schedule.OneCycle(0.1f, 4 * STEPS_AN_EPOCH, 0.3f);
  private static final Normalization HALF =
      new Normalization(List.of(0.5f, 0.5f, 0.5f), List.of(0.25f, 0.25f, 0.25f));

  final Device device;
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
    this(TestDevices.cpu());
  }

  TinyRun(Device device) {
    this(device, new GeneratedShapes(IMAGES, 12, 1), CYCLE);
  }

  TinyRun(Device device, Dataset data, Schedule schedule) {
    this(device, data, schedule, HALF, false);
  }

  TinyRun(
      Device device, Dataset data, Schedule schedule, Normalization normalization, boolean adam) {
    this(device, data, schedule, normalization, adam, Augmentation.STANDARD);
  }

  TinyRun(
      Device device,
      Dataset data,
      Schedule schedule,
      Normalization normalization,
      boolean adam,
      Augmentation augmentation) {
    this.device = device;
    model.init(device, 5);
    this.schedule = schedule;
    optimizer =
        adam
            ? Adam.adamW(model.parameters(), WeightDecay.of(0.01f))
            : new Sgd(model.parameters(), 0.9f, true, WeightDecay.of(5e-4f));
    train =
        new DataLoader(
            data, new DataLoader.Options(BATCH, true, augmentation, normalization, 7, 1, 1));
    validation =
        new DataLoader(
            new GeneratedShapes(20, 12, 2), DataLoader.Options.evaluation(8, normalization));
  }

  static TinyRun withAdam(Device device) {
    return new TinyRun(
        device, new GeneratedShapes(IMAGES, 12, 1), new Schedule.Constant(0.01f), HALF, true);
  }

  /** With all kinds of changes, and mixed labels. */
  static TinyRun augmented(Device device) {
    Augmentation all =
        Augmentation.STRONG.toBuilder().crop(2).resizedCrop(0.5, 1).mixUp(0.4).cutMix(1).build();
    return new TinyRun(device, new GeneratedShapes(IMAGES, 12, 1), CYCLE, HALF, false, all);
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

  /** What a run ended with. */
  record Outcome(Map<String, String> bits, List<String> history) {}

  /** Runs to the end of an epoch, from the start or from where the folder's checkpoint says. */
  static Outcome outcome(Supplier<TinyRun> maker, int epochs, Path folder, boolean resume) {
    try (TinyRun run = maker.get()) {
      Trainer t = run.trainer(options(epochs, folder, 2));
      assertEquals(resume, t.resume());
      History h = t.run().history();
      assertEquals(epochs, t.epochsDone());
      return new Outcome(run.bits(), measured(h));
    }
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
