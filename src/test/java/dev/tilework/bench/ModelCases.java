package dev.tilework.bench;

import dev.tilework.Device;
import dev.tilework.Precision;
import dev.tilework.Scope;
import dev.tilework.Tensor;
import dev.tilework.autograd.NoGrad;
import dev.tilework.autograd.Variable;
import dev.tilework.models.Models;
import dev.tilework.nn.Module;
import dev.tilework.train.Optimizer;
import dev.tilework.train.Sgd;
import dev.tilework.train.WeightDecay;
import java.util.function.Consumer;

/** Whole networks: inference, and training steps with stochastic gradient descent. */
public final class ModelCases {
  /** A rate so small that random labels cannot drive the weights to infinity. */
  public static final float RATE = 1e-6f;

  private static final int CLASSES = 1000;

  private ModelCases() {}

  /** Runs all of a plan. */
  static void run(Recorder recorder, SuitePlan plan) {
    for (String model : plan.models()) {
      for (int batch : plan.modelBatches()) {
        for (boolean training : new boolean[] {false, true}) {
          for (Precision precision : recorder.device().precisions()) {
            run(recorder, model, plan.imageSize(), batch, training, precision);
          }
        }
      }
    }
  }

  private static void run(
      Recorder recorder, String model, int size, int batch, boolean training, Precision precision) {
    Device device = recorder.device();
    Recorder.Case c =
        new Recorder.Case(
            "models",
            model,
            size + "x" + size,
            batch,
            training ? "TRAINING" : "INFERENCE",
            precision,
            1,
            0,
            0,
            batch);
    // Outside of the case's scope: a module's parameters stand outside every scope.
    Optimizer[] optimizer = new Optimizer[1];
    try (Module network = Models.build(model, CLASSES)) {
      recorder.run(
          c,
          () -> {
            network.init(device, 1);
            network.train(training);
            Tensor x = Tensor.normal(device, 0, 1, 1, batch, size, size, 3);
            Tensor labels = Tensor.ofInts(device, new int[batch], batch);
            if (!training) {
              return () -> infer(network, x);
            }
            optimizer[0] = new Sgd(network.parameters(), 0.9f, true, WeightDecay.NONE);
            return () -> train(network, optimizer[0], x, labels);
          });
    } finally {
      if (optimizer[0] != null) {
        optimizer[0].close();
      }
    }
  }

  private static void infer(Module network, Tensor x) {
    logits(network, x).close();
  }

  /** An inference. */
  public static Tensor logits(Module network, Tensor x) {
    try (NoGrad off = NoGrad.open();
        Scope scope = Scope.open()) {
      return scope.keep(network.apply(Variable.of(x)).value());
    }
  }

  private static void train(Module network, Optimizer optimizer, Tensor x, Tensor labels) {
    train(network, optimizer, x, labels, loss -> {});
  }

  /**
   * A training step.
   *
   * @param seen receives the loss, while the gradients are there
   */
  public static void train(
      Module network, Optimizer optimizer, Tensor x, Tensor labels, Consumer<Variable> seen) {
    try (Scope scope = Scope.open()) {
      Variable loss = network.apply(Variable.of(x)).crossEntropy(labels, 0);
      loss.backward();
      seen.accept(loss);
      optimizer.step(RATE);
      network.zeroGrad();
    }
  }
}
