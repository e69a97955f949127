package dev.tilework.opencl;

/**
 * A number that kernels divide by, with its reciprocal: {@code n / by == n * factor >> shift} for n
 * from 0 to 2^31 - 1 (Granlund and Montgomery, "Division by Invariant Integers using
 * Multiplication", 1994). As a kernel's argument it is the struct {@code divisor} of common.cl.
 */
record Divisor(int by) {
  /** At most 2^32 - 1, since by is more than half of 2^(shift - 31). */
  int factor() {
    return (int) ((1L << shift()) / by + 1);
  }

  int shift() {
    return 31 + 32 - Integer.numberOfLeadingZeros(by - 1);
  }
}
