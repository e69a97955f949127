package dev.tilework.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Division by a reciprocal, as the kernels compute it. */
class DivisorTest {
  @Test
  void dividesEveryNumberBelowTwoToThe31st() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 100_000; i++) {
      int by = 1 + (random.nextInt() >>> 1 + random.nextInt(31));
      Divisor d = new Divisor(by);
      // Quotients change at multiples of the divisor.
      int multiple = (int) ((random.nextInt() >>> 1) / (long) by * by);
      for (int n : new int[] {0, 1, multiple, Math.max(0, multiple - 1), Integer.MAX_VALUE}) {
        long quotient = Integer.toUnsignedLong(d.factor()) * n >>> d.shift();
        assertEquals(n / by, quotient, n + " / " + by);
      }
    }
  }
}
