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
  private final List<ParameterGroup> groups;
  private final Map<String, Variable> parameters = new LinkedHashMap<>();
  private final Map<String, Variable> frozen = new LinkedHashMap<>();
  private final Map<String, List<Tensor>> slots = new LinkedHashMap<>();
  private final List<String> slotNames;
  private int steps;

  /**
   * Makes the state, all zeros, of the parameters that are not frozen.
   *
   * @param slotNames what is remembered for each parameter
   */
  Optimizer(List<ParameterGroup> groups, String... slotNames) {
    this.groups = List.copyOf(groups);
    for (ParameterGroup g : groups) {
      g.parameters()
          .forEach(
              (name, v) -> {
                if (parameters.containsKey(name) || frozen.containsKey(name)) {
                  throw new IllegalArgumentException(
                      "optimizer: the parameter '" + name + "' is in two groups");
                }
                (v.requiresGrad() ? parameters : frozen).put(name, v);
              });
    }
    this.slotNames = List.of(slotNames);
    try {
      parameters.forEach(
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
   * @param rate the learning rate, which each group takes by its factor
   * @throws IllegalStateException when a parameter that was frozen when this optimizer was made has
   *     a gradient now; nothing is changed then
   */
  public final void step(float rate) {
    frozen.forEach(
        (name, v) -> {
          if (v.requiresGrad() && v.grad() != null) {
            throw new IllegalStateException(
                "optimizer: '"
                    + name
                    + "' was frozen when the optimizer was made, so it has no state for it; make a"
                    + " new optimizer after unfreezing");
          }
        });
    steps++;
    for (ParameterGroup g : groups) {
      g.parameters().forEach((name, v) -> step(name, v, g, rate * g.rateFactor()));
    }
  }

  private void step(String name, Variable v, ParameterGroup g, float rate) {
    if (v.grad() == null || !v.requiresGrad()) {
      return;
    }
    List<Tensor> operands = new ArrayList<>();
    operands.add(v.value());
    operands.addAll(slots.get(name));
    operands.add(v.grad());
    OptimizerOp op = operation(rate, g.decay().at(v.shape().rank()), steps);
    v.value().device().run(op, operands.toArray(Tensor[]::new));
  }

  /** The parameters by name, without those that were frozen when it was made. */
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

  /** What the groups add to {@link #toString}: the decay of a single one, else all of each. */
  final String groups() {
    if (groups.size() == 1 && groups.getFirst().rateFactor() == 1) {
      return groups.getFirst().decay().toString();
    }
    return groups.toString();
  }

  /** The kind and its numbers; two optimizers of equal text work equally. */
  @Override
  public abstract String toString();
}
