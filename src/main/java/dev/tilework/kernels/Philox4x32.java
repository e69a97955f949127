package dev.tilework.kernels;

/**
 * Philox4x32-10, the counter-based random numbers that {@link RandomOp} is defined by (Salmon,
 * Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", 2011), a block at a time.
 */
public final class Philox4x32 {
  private Philox4x32() {}

  /** Ten rounds on a counter of four words with a key of two; writes four words from a place on. */
  public static void block(int c0, int c1, int c2, int c3, int k0, int k1, int[] words, int at) {
    for (int round = 0; round < 10; round++) {
      long p0 = 0xD2511F53L * (c0 & 0xFFFFFFFFL);
      long p1 = 0xCD9E8D57L * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    words[at] = c0;
    words[at + 1] = c1;
    words[at + 2] = c2;
    words[at + 3] = c3;
  }
}
