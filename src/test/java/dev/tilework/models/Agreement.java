package dev.tilework.models;

/**
 * How far a device may be from the CPU in what a whole network computes. Both round in float32,
 * each in its own order; the bounds are relative.
 */
enum Agreement {
  /** Logits, relative to the largest of them. */
  LOGITS(1e-5, 0, "some fifty layers add the rounding of sums of up to 25,000 terms"),
  /** The loss of a training step. */
  LOSS(4e-4, 2, "it follows the weights"),
  /** Weights after a training step, relative to how far all have moved since the start. */
  WEIGHTS(
      0.012,
      2,
      "where a value rounds to the other side of a ReLU's kink, its gradient comes or goes: with the"
          + " same weights the gradients of two devices are half a percent apart, and either's as"
          + " far from those in double precision; the differences of ten steps add up");

  private final double first;
  private final double growth;
  private final String reason;

  Agreement(double first, double growth, String reason) {
    this.first = first;
    this.growth = growth;
    this.reason = reason;
  }

  /** The bound after so many steps, the first of which is 0. */
  double bound(int step) {
    return first * (1 + growth * step);
  }

  @Override
  public String toString() {
    return name() + " (" + reason + ")";
  }
}
