package dev.tilework.train;

import dev.tilework.autograd.Variable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Parameters that an {@link Optimizer} treats alike.
 *
 * @param parameters by name, as {@code Module.parameters} gives them
 * @param rateFactor by which the learning rate of each step is multiplied for them
 * @param decay of their weights
 */
public record ParameterGroup(
    Map<String, Variable> parameters, float rateFactor, WeightDecay decay) {
  /** Copies the map and checks the factor. */
  public ParameterGroup {
    if (!(rateFactor > 0 && rateFactor < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "parameter group: rate factor " + rateFactor + ", expected above 0 and finite");
    }
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
  }

  /** Parameters that learn at the full rate. */
  public static ParameterGroup of(Map<String, Variable> parameters, WeightDecay decay) {
    return new ParameterGroup(parameters, 1, decay);
  }

  /** The numbers, and how many parameters from which on. */
  @Override
  public String toString() {
    return rateFactor
        + " of the rate for "
        + parameters.size()
        + (parameters.isEmpty() ? "" : " from " + parameters.keySet().iterator().next())
        + ", "
        + decay;
  }
}
