package dev.tilework.kernels.reference;

import dev.tilework.kernels.RandomOp;
import java.util.List;

/** Random numbers by Philox4x32-10; see {@link RandomOp} for the source. */
final class RandomReference {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;

  private RandomReference() {}

  static void run(RandomOp op, List<HostTensor> in, HostTensor out) {
    for (int i = 0; i < out.size(); i++) {
      switch (op) {
        case RandomOp.Uniform o -> {
          double part = ((double) o.high() - o.low()) * uniform(o.seed(), o.stream(), i);
          out.set(i, o.low() + part, Math.abs(o.low()) + Math.abs(part));
        }
        case RandomOp.Normal o -> {
          double part = o.deviation() * normal(o.seed(), o.stream(), i);
          out.set(i, o.mean() + part, Math.abs(o.mean()) + 4 * Math.abs(o.deviation()));
        }
        case RandomOp.Dropout o -> {
          boolean kept = uniform(o.seed(), o.stream(), i) >= o.p();
          out.set(i, kept ? in.getFirst().get(i) / (1 - (double) o.p()) : 0);
        }
      }
    }
  }

  static double uniform(long seed, long stream, int i) {
    return uniform(block(seed, stream, i / 4)[i % 4]);
  }

  private static double uniform(int word) {
    return ((word >>> 8) + 0.5) * 0x1p-24;
  }

  /** Normal number i with mean 0 and deviation 1. */
  static double normal(long seed, long stream, int i) {
    return normal(seed, stream, 0, i);
  }

  /** The same of those that begin at block {@code part} times 2^32. */
  static double normal(long seed, long stream, int part, int i) {
    int[] words = block(seed, stream, (long) part << 32 | i / 4);
    int pair = i % 4 / 2 * 2;
    double radius = Math.sqrt(-2 * Math.log(uniform(words[pair])));
    double angle = 2 * Math.PI * uniform(words[pair + 1]);
    return radius * (i % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
  }

  private static int[] block(long seed, long stream, long number) {
    return philox(
        new int[] {(int) number, (int) (number >>> 32), (int) stream, (int) (stream >>> 32)},
        (int) seed,
        (int) (seed >>> 32));
  }

  static int[] philox(int[] counter, int key0, int key1) {
    int[] c = counter.clone();
    for (int round = 0; round < 10; round++) {
      long product0 = MULTIPLIER_0 * Integer.toUnsignedLong(c[0]);
      long product1 = MULTIPLIER_1 * Integer.toUnsignedLong(c[2]);
      c =
          new int[] {
            (int) (product1 >>> 32) ^ c[1] ^ key0,
            (int) product1,
            (int) (product0 >>> 32) ^ c[3] ^ key1,
            (int) product0
          };
      key0 += WEYL_0;
      key1 += WEYL_1;
    }
    return c;
  }
}
