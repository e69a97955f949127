package dev.tilework.train;

/**
 * How strongly an optimizer pulls parameters to 0.
 *
 * @param rate the factor; 0 for none
 * @param everywhere whether parameters of one axis are pulled too: biases, and scales and shifts of
 *     normalizations, which seldom gain from it
 */
public record WeightDecay(float rate, boolean everywhere) {
  /** None. */
  public static final WeightDecay NONE = new WeightDecay(0, false);

  /** Checks the rate. */
  public WeightDecay {
    if (!(rate >= 0 && rate < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("weight decay " + rate + ", expected at least 0");
    }
  }

  /** On weights, not on biases and normalizations. */
  public static WeightDecay of(float rate) {
    return new WeightDecay(rate, false);
  }

  float at(int rank) {
    return everywhere || rank > 1 ? rate : 0;
  }
}
