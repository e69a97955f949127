package dev.tilework.data;

import java.util.Random;

/**
 * Random numbers that depend on named values alone, so that any sample can be drawn again on its
 * own. {@link Random}'s sequence is part of its specification: every JDK gives the same.
 */
final class Seeds {
  private Seeds() {}

  static Random random(long... values) {
    long h = 0;
    for (long v : values) {
      h = hash(h, v);
    }
    return new Random(h);
  }

  /** 64 random bits for each pair. */
  static long hash(long a, long b) {
    return mix(a + 0x9E3779B97F4A7C15L + b);
  }

  /** The finalizer of SplitMix64 (Steele, Lea and Flood, 2014). */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
