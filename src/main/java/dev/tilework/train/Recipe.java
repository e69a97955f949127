package dev.tilework.train;

import dev.tilework.data.Augmentation;
import dev.tilework.nn.Module;

/**
 * Settings of a training run that were tried together: gradient descent with Nesterov momentum over
 * one cycle of the learning rate.
 *
 * @param model the network's name
 * @param epochs passes over the training images
 * @param batchSize images a step
 * @param rate the highest learning rate
 * @param rise the share of the steps in which it rises
 * @param momentum of the optimizer
 * @param weightDecay of the weights, not of biases and normalizations
 * @param labelSmoothing of the loss
 * @param augmentation of the training images
 */
public record Recipe(
    String model,
    int epochs,
    int batchSize,
    float rate,
    float rise,
    float momentum,
    float weightDecay,
    float labelSmoothing,
    Augmentation augmentation) {
  /** Training images of {@link dev.tilework.data.GeneratedShapes} for {@link #SHAPES}. */
  public static final int SHAPES_TO_LEARN = 6_000;

  /** Validation images of {@link dev.tilework.data.GeneratedShapes} for {@link #SHAPES}. */
  public static final int SHAPES_TO_MEASURE = 2_000;

  /** For generated shapes: about a minute or two on two cores. */
  public static final Recipe SHAPES =
      new Recipe(
          "resnet8", 8, 32, 0.1f, 0.25f, 0.9f, 5e-4f, 0, Augmentation.builder().flip().build());

  /** For photographs of 32x32, as those of CIFAR-10. */
  public static final Recipe SMALL_PHOTOGRAPHS =
      new Recipe("resnet20", 12, 128, 0.4f, 0.25f, 0.9f, 5e-4f, 0, Augmentation.STANDARD);

  /** The optimizer of a model's parameters; the caller closes it. */
  public Optimizer optimizer(Module m) {
    return new Sgd(m.parameters(), momentum, momentum > 0, WeightDecay.of(weightDecay));
  }

  /**
   * The learning rate of each step.
   *
   * @param batches of an epoch
   */
  public Schedule schedule(int batches) {
    return new Schedule.OneCycle(rate, (long) Math.max(1, epochs) * batches, rise);
  }
}
