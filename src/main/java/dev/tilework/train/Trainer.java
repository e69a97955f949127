package dev.tilework.train;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Batch;
import dev.tilework.data.DataLoader;
import dev.tilework.io.Weights;
import dev.tilework.metrics.History;
import dev.tilework.nn.AuxiliaryLogits;
import dev.tilework.nn.Module;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Trains a classifier with cross-entropy: epochs over a loader, each followed by a validation. The
 * losses of {@linkplain AuxiliaryLogits classifiers inside} the network are added by their weights.
 *
 * <p>Where images are mixed, the loss is that against both labels by their shares, and the training
 * accuracy counts an image by the share that the class it is taken for has in it: it stays below
 * what the network would reach on images as they are, which is what the validation measures.
 *
 * <p>With a folder for checkpoints it writes {@value #LAST}, from which {@link #resume} goes on, at
 * the end of each epoch and as often as {@link TrainerOptions#checkpointEvery} says, and {@value
 * #BEST}, the model's weights alone, after the epoch of the best validation accuracy. A run that
 * was stopped and resumed ends with the same weights, bit for bit, as one that was not.
 *
 * <p>Model, optimizer and loaders stay the caller's, who closes them.
 */
public final class Trainer {
  /** The name of the file to resume from. */
  public static final String LAST = "last.safetensors";

  /** The name of the file with the weights of the best epoch. */
  public static final String BEST = "best.safetensors";

  private final Module model;
  private final Device device;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final DataLoader train;
  private final DataLoader validation;
  private final TrainerOptions options;
  private final Map<String, String> run;
  private Position position = Position.START;

  /**
   * What a run came to.
   *
   * @param history of all epochs, those before a resume included
   * @param validation of the weights as they are now
   * @param stoppedEarly whether it ended for lack of progress
   * @param peakBytes the most device memory in use
   */
  public record Result(
      History history, Evaluation validation, boolean stoppedEarly, long peakBytes) {}

  /**
   * A run that has not begun.
   *
   * @param model with its values made, on one device
   * @param optimizer of this model's parameters
   * @param schedule of the learning rate, by steps of all epochs
   * @param train to learn from; its seed is also that of dropout
   * @param validation to measure with
   */
  public Trainer(
      Module model,
      Optimizer optimizer,
      Schedule schedule,
      DataLoader train,
      DataLoader validation,
      TrainerOptions options) {
    this.model = model;
    this.device = model.state().values().iterator().next().device();
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.train = train;
    this.validation = validation;
    this.options = options;
    DataLoader.Options o = train.options();
    this.run =
        Map.of(
            "images", String.valueOf(train.data().size()),
            "classes", train.data().classes().toString(),
            "image size", train.data().imageSize().toString(),
            "batch size", String.valueOf(o.batchSize()),
            "shuffle", String.valueOf(o.shuffle()),
            "seed", String.valueOf(o.seed()),
            "augmentation", o.augmentation() + ", " + o.normalization(),
            "optimizer", optimizer.toString(),
            "schedule", schedule.toString(),
            "loss", "smoothing " + options.labelSmoothing() + ", clip " + options.clipNorm());
  }

  /**
   * Takes up a run where its last checkpoint left it.
   *
   * @return whether there was one
   * @throws IllegalStateException when this run has no folder for checkpoints
   * @throws IllegalArgumentException when it is of a run with other settings
   * @throws UncheckedIOException when it cannot be read
   */
  public boolean resume() {
    if (options.checkpoints() == null) {
      throw new IllegalStateException("resume: the options name no folder for checkpoints");
    }
    Path file = options.checkpoints().resolve(LAST);
    if (!Files.exists(file)) {
      return false;
    }
    try {
      position = Checkpoint.load(file, model, optimizer, run);
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot resume: " + e.getMessage(), e);
    }
  }

  /** The epochs that are done. */
  public int epochsDone() {
    return position.epoch();
  }

  /**
   * Trains the epochs that are left.
   *
   * @throws NonFiniteException when the loss or a gradient becomes NaN or infinite
   * @throws UncheckedIOException when a checkpoint cannot be written; the one before is kept
   */
  public Result run() {
    makeFolder();
    device.resetPeak();
    Evaluation last = null;
    while (isUnfinished() && !isStalled()) {
      last = epoch();
    }
    if (last == null) {
      last = Evaluation.of(model, device, validation);
    }
    boolean stoppedEarly = isUnfinished();
    return new Result(position.history(), last, stoppedEarly, device.memory().peak());
  }

  private boolean isUnfinished() {
    return position.epoch() < options.epochs();
  }

  private Evaluation epoch() {
    int epoch = position.epoch();
    model.train(true);
    try (DataLoader.Batches batches = train.epoch(epoch, position.batch());
        Progress bar =
            new Progress(
                options.progress(),
                "epoch " + (epoch + 1) + "/" + options.epochs(),
                position.batch(),
                train.batches())) {
      long start = System.nanoTime();
      while (batches.hasNext()) {
        Batch b = batches.next();
        Outcome o = step(b);
        long now = System.nanoTime();
        position = position.after(b.index(), o.loss, o.correct, b.size(), (now - start) / 1e9);
        start = now;
        bar.step(position);
        if (options.checkpointEvery() > 0
            && (stepOf(b) + 1) % options.checkpointEvery() == 0
            && position.batch() < train.batches()) {
          save();
          start = System.nanoTime();
        }
      }
    }
    if (position.images() == 0) {
      throw new IllegalStateException("training: no image of the data set can be read");
    }
    Evaluation e = Evaluation.of(model, device, validation);
    finish(e);
    return e;
  }

  private void finish(Evaluation e) {
    Optional<History.Epoch> best = position.history().best();
    long lastStep = (long) (position.epoch() + 1) * train.batches() - 1;
    History.Epoch done =
        new History.Epoch(
            position.epoch() + 1,
            position.meanLoss(),
            position.accuracy(),
            e.loss(),
            e.accuracy(),
            schedule.rate(lastStep),
            position.images() / position.seconds(),
            position.seconds() + e.seconds());
    position = Position.atEpoch(position.epoch() + 1, position.history().with(done));
    if (options.checkpoints() != null) {
      if (best.isEmpty() || best.get().validationAccuracy() < e.accuracy()) {
        saveBest();
      }
      save();
    }
    options.listener().accept(done);
  }

  private record Outcome(float loss, double correct) {}

  private long stepOf(Batch b) {
    return (long) position.epoch() * train.batches() + b.index();
  }

  private Outcome step(Batch b) {
    long step = stepOf(b);
    try (Scope _ = Scope.open()) {
      model.randomness(train.options().seed(), step);
      AuxiliaryLogits.Outputs outputs = AuxiliaryLogits.of(model, Variable.of(b.images(device)));
      Variable logits = outputs.logits();
      Evaluation.requireLogits(logits, b.size(), train.data().classes().size());
      Variable loss = outputs.crossEntropy(b.targets(device), options.labelSmoothing());
      float value = loss.value().item();
      if (!Float.isFinite(value)) {
        throw NonFinite.inLoss(model, device, b, step + 1, when(b), value);
      }
      double correct = b.correct(logits.value().argmax(1).toIntArray());
      loss.backward();
      if (options.clipNorm() > 0) {
        float norm = GradientClipping.byNorm(optimizer.parameters().values(), options.clipNorm());
        if (!Float.isFinite(norm)) {
          throw NonFinite.inGradient(optimizer.parameters(), step + 1, when(b), norm);
        }
      }
      optimizer.step(schedule.rate(step));
      return new Outcome(value, correct);
    } finally {
      model.zeroGrad();
    }
  }

  private String when(Batch b) {
    return "step "
        + (stepOf(b) + 1)
        + " (epoch "
        + (position.epoch() + 1)
        + ", batch "
        + (b.index() + 1)
        + ", learning rate "
        + schedule.rate(stepOf(b))
        + ")";
  }

  private boolean isStalled() {
    int best = position.history().best().map(History.Epoch::epoch).orElse(position.epoch());
    return options.patience() > 0 && position.epoch() - best >= options.patience();
  }

  private void makeFolder() {
    if (options.checkpoints() != null) {
      try {
        Files.createDirectories(options.checkpoints());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make the folder for checkpoints: " + e, e);
      }
    }
  }

  private void save() {
    if (options.checkpoints() == null) {
      return;
    }
    Path file = options.checkpoints().resolve(LAST);
    try {
      Checkpoint.save(
          file,
          model,
          optimizer,
          new Checkpoint.Content(position, optimizer.steps(), run),
          options.metadata());
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private void saveBest() {
    Path file = options.checkpoints().resolve(BEST);
    try {
      Weights.save(file, model.state(), options.metadata());
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static UncheckedIOException failed(Path file, IOException e) {
    return new UncheckedIOException(
        "cannot save " + file + ": " + e.getMessage() + "; what it held before is kept", e);
  }
}
