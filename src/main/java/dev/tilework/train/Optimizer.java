package dev.tilework.train;

import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import dev.tilework.kernels.OptimizerOp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes parameters by their gradients. Its own tensors, one or two of each parameter's size, live
 * until {@link #close}, whatever scope is open when it is made.
 */
public abstract class Optimizer implements AutoCloseable {
  private final Map<String, Variable> parameters;
  private final Map<String, List<Tensor>> slots = new LinkedHashMap<>();
  private final List<String> slotNames;
  private final WeightDecay decay;
  private int steps;

  /**
   * Makes the state, all zeros.
   *
   * @param slotNames what is remembered for each parameter
   */
  Optimizer(Map<String, Variable> parameters, WeightDecay decay, String... slotNames) {
    this.parameters = new LinkedHashMap<>(parameters);
    this.decay = decay;
    this.slotNames = List.of(slotNames);
    try {
      this.parameters.forEach(
          (name, v) -> {
            List<Tensor> tensors = new ArrayList<>();
            slots.put(name, tensors);
            for (int i = 0; i < slotNames.length; i++) {
              tensors.add(Tensor.zeros(v.value().device(), v.shape().dims()).unscoped());
            }
          });
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The operation for one parameter. */
  abstract OptimizerOp operation(float rate, float weightDecay, int step);

  /**
   * Changes every parameter that has a gradient and is not frozen.
   *
   * @param rate the learning rate
   */
  public final void step(float rate) {
    steps++;
    parameters.forEach(
        (name, v) -> {
          if (v.grad() == null || !v.requiresGrad()) {
            return;
          }
          List<Tensor> operands = new ArrayList<>();
          operands.add(v.value());
          operands.addAll(slots.get(name));
          operands.add(v.grad());
          OptimizerOp op = operation(rate, decay.at(v.shape().rank()), steps);
          v.value().device().run(op, operands.toArray(Tensor[]::new));
        });
  }

  /** The parameters by name. */
  final Map<String, Variable> parameters() {
    return parameters;
  }

  /** The steps done. */
  public final int steps() {
    return steps;
  }

  /**
   * What it remembers, by names such as {@code momentum.layer1.0.conv1.weight}. To go on from a
   * saved state, overwrite these tensors and call {@link #resumeAt}.
   */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    slots.forEach(
        (name, tensors) -> {
          for (int i = 0; i < tensors.size(); i++) {
            all.put(slotNames.get(i) + "." + name, tensors.get(i));
          }
        });
    return all;
  }

  /** Sets the number of steps done. */
  public final void resumeAt(int steps) {
    this.steps = steps;
  }

  /** Frees the state; parameters and gradients stay. */
  @Override
  public final void close() {
    slots.values().forEach(tensors -> tensors.forEach(Tensor::close));
  }

  /** The kind and its numbers; two optimizers of equal text work equally. */
  @Override
  public abstract String toString();
}
