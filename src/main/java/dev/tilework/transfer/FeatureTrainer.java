package dev.tilework.transfer;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.metrics.ConfusionMatrix;
import dev.tilework.metrics.History;
import dev.tilework.metrics.TopK;
import dev.tilework.nn.Module;
import dev.tilework.train.Evaluation;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Schedule;
import dev.tilework.train.Trainer;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Trains a classifier on {@link Features}, with cross-entropy. The classifier may be the network's
 * own, see {@link Transfer#classifier}: it is then in place when the training is done.
 */
public final class FeatureTrainer {
  private static final int EVALUATED = 1024;
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private final Module classifier;
  private final Device device;
  private final Optimizer optimizer;
  private final Schedule schedule;
  private final Features train;
  private final Features validation;
  private final Options options;

  /**
   * How it works.
   *
   * @param epochs passes over the features
   * @param batchSize rows a step; the last step of an epoch may have fewer
   * @param labelSmoothing the share of the target spread over all classes
   * @param seed of the order and of dropout
   * @param listener told of each epoch
   */
  public record Options(
      int epochs,
      int batchSize,
      float labelSmoothing,
      long seed,
      Consumer<History.Epoch> listener) {
    /** Checks the numbers. */
    public Options {
      if (epochs < 0 || batchSize < 1 || !(labelSmoothing >= 0 && labelSmoothing < 1)) {
        throw new IllegalArgumentException(
            "feature trainer: epochs "
                + epochs
                + ", batch size "
                + batchSize
                + ", label smoothing "
                + labelSmoothing
                + "; expected epochs from 0, a batch from 1, smoothing of 0 to below 1");
      }
    }
  }

  /**
   * A training that has not begun.
   *
   * @param classifier from (n, features) to (n, classes), with its values made
   * @param optimizer of its parameters
   * @param schedule of the learning rate, by steps of all epochs; see {@link #steps}
   */
  public FeatureTrainer(
      Module classifier,
      Optimizer optimizer,
      Schedule schedule,
      Features train,
      Features validation,
      Options options) {
    if (train.width() != validation.width() || !train.classes().equals(validation.classes())) {
      throw new IllegalArgumentException(
          "feature trainer: features of "
              + train.width()
              + " numbers and classes "
              + train.classes()
              + " to learn from, of "
              + validation.width()
              + " and "
              + validation.classes()
              + " to measure with; expected the same");
    }
    this.classifier = classifier;
    this.device = classifier.state().values().iterator().next().device();
    this.optimizer = optimizer;
    this.schedule = schedule;
    this.train = train;
    this.validation = validation;
    this.options = options;
  }

  /** The steps of an epoch. */
  public static int steps(Features train, int batchSize) {
    return Math.ceilDiv(train.size(), batchSize);
  }

  /** Trains all epochs. */
  public Trainer.Result run() {
    device.resetPeak();
    History history = History.EMPTY;
    Evaluation last = evaluate();
    for (int epoch = 0; epoch < options.epochs(); epoch++) {
      long start = System.nanoTime();
      double[] sums = epoch(epoch);
      double seconds = (System.nanoTime() - start) / 1e9;
      last = evaluate();
      History.Epoch done =
          new History.Epoch(
              epoch + 1,
              sums[0] / train.size(),
              sums[1] / train.size(),
              last.loss(),
              last.accuracy(),
              schedule.rate((epoch + 1L) * steps(train, options.batchSize()) - 1),
              train.size() / seconds,
              seconds + last.seconds());
      history = history.with(done);
      options.listener().accept(done);
    }
    return new Trainer.Result(history, last, false, device.memory().peak());
  }

  /** The sum of the losses and the number of rows taken for their class. */
  private double[] epoch(int epoch) {
    int[] order = order(epoch);
    int steps = steps(train, options.batchSize());
    double loss = 0;
    double correct = 0;
    classifier.train(true);
    for (int i = 0; i < steps; i++) {
      int from = i * options.batchSize();
      int[] rows =
          Arrays.copyOfRange(order, from, Math.min(order.length, from + options.batchSize()));
      long step = (long) epoch * steps + i;
      try (Scope _ = Scope.open()) {
        classifier.randomness(options.seed(), step);
        Variable logits = classifier.apply(Variable.of(train.rows(device, rows)));
        int[] labels = train.labels(rows);
        Variable l =
            logits.crossEntropy(
                Tensor.ofInts(device, labels, labels.length), options.labelSmoothing());
        float value = l.value().item();
        if (!Float.isFinite(value)) {
          throw new IllegalStateException(
              "training on features: the loss is " + value + " in step " + (step + 1));
        }
        l.backward();
        optimizer.step(schedule.rate(step));
        loss += (double) value * rows.length;
        int[] guesses = logits.value().argmax(1).toIntArray();
        correct += IntStream.range(0, rows.length).filter(k -> guesses[k] == labels[k]).count();
      } finally {
        classifier.zeroGrad();
      }
    }
    return new double[] {loss, correct};
  }

  private int[] order(int epoch) {
    int[] order = IntStream.range(0, train.size()).toArray();
    Random random = new Random(options.seed() + GOLDEN_RATIO * (epoch + 1));
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int t = order[i];
      order[i] = order[j];
      order[j] = t;
    }
    return order;
  }

  private Evaluation evaluate() {
    long start = System.nanoTime();
    ConfusionMatrix confusion = new ConfusionMatrix(validation.classes());
    TopK topFive = new TopK(5, validation.classes().size());
    double loss = 0;
    classifier.train(false);
    try (NoGrad _ = NoGrad.open()) {
      for (int from = 0; from < validation.size(); from += EVALUATED) {
        int[] rows = IntStream.range(from, Math.min(validation.size(), from + EVALUATED)).toArray();
        try (Scope _ = Scope.open()) {
          Variable logits = classifier.apply(Variable.of(validation.rows(device, rows)));
          int[] labels = validation.labels(rows);
          Tensor wanted = Tensor.ofInts(device, labels, labels.length);
          loss += rows.length * (double) logits.crossEntropy(wanted, 0).value().item();
          confusion.add(labels, logits.value().argmax(1).toIntArray());
          topFive.add(logits.value().toArray(), labels);
        }
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Evaluation(
        loss / validation.size(), confusion, topFive.accuracy(), validation.size(), seconds);
  }
}
