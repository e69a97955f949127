package dev.tilework.nn;

import dev.tilework.autograd.Variable;

/**
 * In training sets each element to 0 with probability p and scales the others by 1 / (1 - p); in
 * inference gives its argument back. Source: Srivastava et al., "Dropout: A Simple Way to Prevent
 * Neural Networks from Overfitting", 2014.
 *
 * <p>What is set to 0 follows from the seed and the step of {@link Module#randomness} and from the
 * number of times the layer was applied since.
 */
public final class Dropout extends Module {
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private final float p;
  private long seed;
  private long stream;
  private long applied;

  /**
   * A layer.
   *
   * @throws IllegalArgumentException when p is not in [0, 1)
   */
  public Dropout(float p) {
    if (!(p >= 0 && p < 1)) {
      throw new IllegalArgumentException("Dropout: probability " + p + ", expected 0 to below 1");
    }
    this.p = p;
  }

  @Override
  protected void onRandomness(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
    this.applied = 0;
  }

  @Override
  protected Variable forward(Variable x) {
    // An odd factor gives each application a key of its own.
    return isTraining() && p > 0 ? x.dropout(p, seed + GOLDEN_RATIO * applied++, stream) : x;
  }

  @Override
  public String toString() {
    return "Dropout(" + p + ")";
  }
}
