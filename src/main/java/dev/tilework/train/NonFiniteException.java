package dev.tilework.train;

/** Training left the finite numbers: the loss or a gradient became NaN or infinite. */
public final class NonFiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1;

  private final long step;
  private final String layer;

  NonFiniteException(long step, String layer, String message) {
    super(message);
    this.step = step;
    this.layer = layer;
  }

  /** The step, from 1. */
  public long step() {
    return step;
  }

  /**
   * The path of the first layer whose output is not finite, or of the parameter whose gradient is
   * not; null where all of these are finite.
   */
  public String layer() {
    return layer;
  }
}
