package dev.tilework.kernels;

/** What numbers the operands of a sample hold. */
public enum Fill {
  /**
   * Small integers: sums of products are exact in float32 in any order, so that a result is right
   * to the last bit or wrong.
   */
  INTEGERS,
  /** Numbers of the operation's usual range. */
  REALS,
  /** Among them NaN, infinities, zeros of both signs, the largest and the smallest numbers. */
  SPECIAL
}
