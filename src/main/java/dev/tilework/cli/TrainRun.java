package dev.tilework.cli;

import dev.tilework.Device;
import dev.tilework.data.Augmentation;
import dev.tilework.data.DataLoader;
import dev.tilework.data.GeneratedShapes;
import dev.tilework.data.ImageSize;
import dev.tilework.data.Normalization;
import dev.tilework.data.Preprocessing;
import dev.tilework.data.Split;
import dev.tilework.io.Weights;
import dev.tilework.metrics.Charts;
import dev.tilework.metrics.EvaluationReport;
import dev.tilework.metrics.History;
import dev.tilework.metrics.Predictions;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.Evaluation;
import dev.tilework.train.ModelCard;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Trainer;
import dev.tilework.train.TrainerOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** One training run: from settings to the files in its folder. */
final class TrainRun {
  private static final String MODEL = "model.safetensors";
  private static final String LEARNING_CURVE = "learning-curve.png";
  private static final String REPORT = "report.html";
  private static final String CONFUSION_MATRIX = "confusion-matrix.png";

  /** Images whose statistics stand for all in the normalization. */
  private static final int NORMALIZATION_SAMPLES = 2000;

  /** So that a big data set does not lose hours to a power cut. */
  private static final int CHECKPOINT_STEPS = 1000;

  private final TrainSettings settings;
  private final Path folder;
  private final Device device;
  private final int workers;
  private final PrintWriter out;
  private final boolean quiet;

  TrainRun(
      TrainSettings settings,
      Path folder,
      Device device,
      int workers,
      PrintWriter out,
      boolean quiet) {
    this.settings = settings;
    this.folder = folder;
    this.device = device;
    this.workers = workers;
    this.out = quiet ? new PrintWriter(OutputStream.nullOutputStream()) : out;
    this.quiet = quiet;
  }

  /**
   * Trains and writes all files.
   *
   * @return the result for machines
   */
  Map<String, Object> run(boolean resume) throws IOException {
    long start = System.nanoTime();
    if (settings.transfer() == null) {
      return run(resume, start, null);
    }
    try (WeightsOption.Model source = settings.transfer().load(device)) {
      return run(resume, start, source);
    }
  }

  /**
   * Trains a new network, or one that was trained before.
   *
   * @param source the latter, or null
   */
  private Map<String, Object> run(boolean resume, long start, WeightsOption.Model source)
      throws IOException {
    ImageSize size = ImageSize.square(settings.imageSize());
    Preprocessing expected = source == null ? null : source.card().preprocessing();
    DataFolder data =
        settings.data() == null
            ? null
            : DataFolder.training(Path.of(settings.data()), size, expected, settings.selection());
    Split split = data == null ? generated() : data.split();
    settings.save(folder);
    Preprocessing preprocessing =
        expected != null
            ? expected
            : Preprocessing.covering(size, Normalization.of(split.train(), NORMALIZATION_SAMPLES));
    Normalization normalization = preprocessing.normalization();
    ModelCard card = ModelCard.of(settings.model(), split.train().classes(), preprocessing);
    var training =
        new DataLoader.Options(
            settings.batch(),
            true,
            settings.augmentation(),
            normalization,
            settings.seed(),
            workers,
            4);
    var validating =
        new DataLoader.Options(
            settings.batch(), false, Augmentation.NONE, normalization, 0, workers, 4);
    try (Module network = network(source, card);
        Optimizer optimizer = settings.optimizerOf(network);
        DataLoader train = new DataLoader(split.train(), training);
        DataLoader validation = new DataLoader(split.validation(), validating)) {
      introduce(network, train, validation);
      Trainer.Result result =
          settings.transfer() != null && settings.transfer().onFeatures()
              ? new FeatureRun(settings, device, out)
                  .run(network, optimizer, train, validation, this::printEpoch)
              : trained(resume, card, network, optimizer, train, validation);
      if (result.stoppedEarly()) {
        out.println("stopped early; the model is that of the best epoch");
        Weights.load(folder.resolve(Trainer.BEST), network);
      }
      Weights.save(folder.resolve(MODEL), network.state(), card.toMetadata());
      var predictions = new Predictions(card.classes());
      Evaluation end = Evaluation.of(network, device, validation, predictions);
      RunHistory.write(folder, result.history());
      EvaluationReport measures = predictions.report();
      ReportPage.of(
              folder.toAbsolutePath().getFileName().toString(),
              new WeightsOption.Model(card, network),
              device,
              split.validation(),
              predictions,
              measures,
              null)
          .withHistory(result.history())
          .write(folder.resolve(REPORT));
      draw(result.history(), end);
      double rate = imagesPerSecond(result.history());
      Results.print(out, measures);
      out.printf(Locale.ROOT, "trained on %.0f images per second%n", rate);
      if (data != null) {
        DataFolder.report(out, data.skipped());
      }
      out.println("written to " + folder);
      out.flush();
      Map<String, Object> json = Results.of(end, measures);
      json.put("images_per_second", rate);
      json.put("device", device.name());
      json.put("model", settings.model());
      json.put("seed", settings.seed());
      json.put("parameters", network.parameterCount());
      json.put("seconds", (System.nanoTime() - start) / 1e9);
      json.put("peak_device_bytes", result.peakBytes());
      json.put("peak_process_bytes", ProcessMemory.peakBytes());
      json.put("stopped_early", result.stoppedEarly());
      json.put("settings", settings);
      json.put("history", result.history().epochs());
      json.put("skipped", data == null ? Map.of() : data.skipped());
      json.put("folder", folder.toString());
      return json;
    }
  }

  private Module network(WeightsOption.Model source, ModelCard card) {
    if (source == null) {
      return Models.create(settings.model(), card.classes().size(), device, settings.seed());
    }
    settings.transfer().prepare(source, card.classes(), settings.seed());
    return source.network();
  }

  private Trainer.Result trained(
      boolean resume,
      ModelCard card,
      Module network,
      Optimizer optimizer,
      DataLoader train,
      DataLoader validation) {
    Trainer trainer =
        new Trainer(
            network,
            optimizer,
            settings.scheduleOf(train.batches()),
            train,
            validation,
            TrainerOptions.epochs(settings.epochs())
                .withLabelSmoothing(settings.labelSmoothing())
                .withPatience(settings.patience())
                .withCheckpoints(folder, CHECKPOINT_STEPS, card.toMetadata())
                .withProgress(!quiet)
                .withListener(this::printEpoch));
    if (resume && trainer.resume()) {
      out.printf("resumed after %d epochs%n", trainer.epochsDone());
    }
    return trainer.run();
  }

  private void draw(History history, Evaluation end) {
    try {
      Charts.learningCurve(history, folder.resolve(LEARNING_CURVE));
      Charts.confusionMatrix(end.confusion(), folder.resolve(CONFUSION_MATRIX));
    } catch (LinkageError | InternalError | NullPointerException e) {
      // So the JDK fails where the system has no fonts at all.
      throw new UserError(
          "the model is in "
              + folder
              + ", but pictures cannot be drawn ("
              + e
              + "); install fonts: the packages fontconfig and fonts-dejavu-core. --resume "
              + folder
              + " then draws them",
          e);
    }
  }

  /** Validation images have a seed of their own, so that none of them is trained on. */
  private Split generated() {
    int side = settings.imageSize();
    long seed = settings.seed();
    int held = Math.max(10, settings.images() / 3);
    Split chosen =
        settings
            .selection()
            .of(
                new Split(
                    new GeneratedShapes(settings.images(), side, seed),
                    new GeneratedShapes(held, side, ~seed)));
    return new Split(
        chosen.train().cached(Long.MAX_VALUE), chosen.validation().cached(Long.MAX_VALUE));
  }

  private void introduce(Module network, DataLoader train, DataLoader validation) {
    long learning =
        network.trainableParameters().values().stream().mapToLong(v -> v.shape().elements()).sum();
    out.printf(
        Locale.ROOT,
        "%s with %,d parameters%s on %s (%s)%n",
        settings.model(),
        network.parameterCount(),
        learning == network.parameterCount()
            ? ""
            : String.format(Locale.ROOT, ", of which %,d learn,", learning),
        device.name(),
        device.description());
    out.printf(
        Locale.ROOT,
        "%,d images of %d classes to train on, %,d to validate with; %d epochs of %d steps%n",
        train.data().size(),
        train.data().classes().size(),
        validation.data().size(),
        settings.epochs(),
        train.batches());
    out.flush();
  }

  private void printEpoch(History.Epoch e) {
    out.printf(
        Locale.ROOT,
        "epoch %3d  loss %.4f  accuracy %6.2f%%  validation: loss %.4f  accuracy %6.2f%%"
            + "  %.0f images/s%n",
        e.epoch(),
        e.loss(),
        100 * e.accuracy(),
        e.validationLoss(),
        100 * e.validationAccuracy(),
        e.imagesPerSecond());
    out.flush();
  }

  /** All training images by all the time spent training on them. */
  private static double imagesPerSecond(History h) {
    double secondsAnImage =
        h.epochs().stream().mapToDouble(e -> 1 / e.imagesPerSecond()).average().orElse(Double.NaN);
    return 1 / secondsAnImage;
  }
}
