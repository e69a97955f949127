package dev.tilework.nn;

import dev.tilework.Tensor;
import dev.tilework.autograd.Variable;
import java.util.List;

/**
 * A network with classifiers inside of it, which bring gradients to its early layers in training
 * and are left out otherwise: {@link Module#apply} gives the last classifier's logits alone.
 * Source: Szegedy et al., "Going Deeper with Convolutions", 2015, section 5.
 *
 * <p>{@link Outputs#crossEntropy} is the loss of all; {@code Trainer} uses it on its own.
 */
public interface AuxiliaryLogits {
  /**
   * Logits of a classifier inside a network.
   *
   * @param logits (n, classes)
   * @param weight of its loss in the whole
   */
  record Auxiliary(Variable logits, float weight) {}

  /**
   * What all classifiers give.
   *
   * @param logits of the network's end, (n, classes)
   * @param auxiliary those inside
   */
  record Outputs(Variable logits, List<Auxiliary> auxiliary) {
    /** Copies the list. */
    public Outputs {
      auxiliary = List.copyOf(auxiliary);
    }

    /**
     * The mean cross-entropy of the network's logits and, by their weights, of those inside.
     *
     * @param labels int32 (n)
     * @param smoothing the share of the target spread over all classes
     */
    public Variable crossEntropy(Tensor labels, float smoothing) {
      Variable loss = logits.crossEntropy(labels, smoothing);
      for (Auxiliary a : auxiliary) {
        loss = loss.add(a.logits().crossEntropy(labels, smoothing).affine(a.weight(), 0));
      }
      return loss;
    }
  }

  /** Computes the results of all classifiers for a batch. */
  Outputs applyAll(Variable x);

  /**
   * All classifiers' results of a module in training, or the one result of any other.
   *
   * @param module any network that gives logits
   */
  static Outputs of(Module module, Variable x) {
    return module.isTraining() && module instanceof AuxiliaryLogits a
        ? a.applyAll(x)
        : new Outputs(module.apply(x), List.of());
  }
}
