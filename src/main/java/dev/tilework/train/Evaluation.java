package dev.tilework.train;

import dev.tilework.Device;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.data.Batch;
import dev.tilework.data.DataLoader;
import dev.tilework.metrics.ConfusionMatrix;
import dev.tilework.metrics.Predictions;
import dev.tilework.metrics.TopK;
import dev.tilework.nn.Module;

/**
 * How a model does on a data set.
 *
 * @param loss the mean cross-entropy, without label smoothing
 * @param confusion which classes were taken for which
 * @param topFive the share of images whose class is among the five highest scores
 * @param images the images seen; corrupt ones are not
 * @param seconds of the whole, loading included
 */
public record Evaluation(
    double loss, ConfusionMatrix confusion, double topFive, long images, double seconds) {
  /** The share of images whose class has the highest score. */
  public double accuracy() {
    return confusion.accuracy();
  }

  /** The images of a second. */
  public double imagesPerSecond() {
    return images / seconds;
  }

  /**
   * Runs a model in inference mode over the first epoch of a loader; the model's mode is restored.
   *
   * @throws IllegalStateException when no image can be read
   */
  public static Evaluation of(Module model, Device device, DataLoader loader) {
    return of(model, device, loader, null);
  }

  /**
   * As above, and keeps what the model gave for each image.
   *
   * @param predictions is given the logits, the labels and each image's place in the data set; null
   *     for none
   * @throws IllegalStateException when no image can be read
   * @throws IllegalArgumentException when the predictions are of other classes, or a logit is not
   *     finite
   */
  public static Evaluation of(
      Module model, Device device, DataLoader loader, Predictions predictions) {
    if (predictions != null && !predictions.classes().equals(loader.data().classes())) {
      throw new IllegalArgumentException(
          "evaluation: got predictions of the classes "
              + predictions.classes()
              + " for images of the classes "
              + loader.data().classes());
    }
    long start = System.nanoTime();
    int classes = loader.data().classes().size();
    ConfusionMatrix confusion = new ConfusionMatrix(loader.data().classes());
    TopK topFive = new TopK(5, classes);
    double loss = 0;
    long images = 0;
    boolean training = model.isTraining();
    model.train(false);
    try (NoGrad _ = NoGrad.open();
        DataLoader.Batches batches = loader.epoch(0)) {
      while (batches.hasNext()) {
        Batch b = batches.next();
        try (Scope _ = Scope.open()) {
          Variable logits = model.apply(Variable.of(b.images(device)));
          requireLogits(logits, b.size(), classes);
          Tensor labels = b.labels(device);
          loss += b.size() * (double) logits.crossEntropy(labels, 0).value().item();
          confusion.add(b.labels(), logits.value().argmax(1).toIntArray());
          float[] scores = logits.value().toArray();
          topFive.add(scores, b.labels());
          if (predictions != null) {
            predictions.add(scores, b.labels(), b.samples());
          }
        }
        images += b.size();
      }
    } finally {
      model.train(training);
    }
    if (images == 0) {
      throw new IllegalStateException("evaluation: no image of the data set can be read");
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Evaluation(loss / images, confusion, topFive.accuracy(), images, seconds);
  }

  static void requireLogits(Variable logits, int images, int classes) {
    if (logits.shape().rank() != 2
        || logits.shape().dim(0) != images
        || logits.shape().dim(1) != classes) {
      throw new IllegalArgumentException(
          "the model gives "
              + logits.shape()
              + ", expected logits ["
              + images
              + ", "
              + classes
              + "] for this data set's "
              + classes
              + " classes");
    }
  }
}
