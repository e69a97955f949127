package dev.tilework.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tilework.Devices;
import dev.tilework.Shape;
import dev.tilework.Tensor;
import dev.tilework.kernels.Philox4x32;
import dev.tilework.kernels.RandomOp;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  private static final long SEED = 0x1234_5678_9ABC_DEF0L;
  private static final long STREAM = 0x0000_0003_0000_0005L;
  private static final int N = 70_001;

  /** The known answers for philox4x32-10 that come with Random123 1.14 (tests/kat_vectors). */
  @Test
  void knownAnswers() {
    check(new int[] {0, 0, 0, 0, 0, 0}, new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check(
        new int[] {-1, -1, -1, -1, -1, -1},
        new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check(
        new int[] {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0},
        new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  }

  private static void check(int[] counterAndKey, int[] expected) {
    int[] c = counterAndKey;
    int[] got = new int[4];
    Philox4x32.block(c[0], c[1], c[2], c[3], c[4], c[5], got, 0);
    assertArrayEquals(expected, got);
  }

  private static int word(long element) {
    int[] w = new int[4];
    long b = element / 4;
    Philox4x32.block(
        (int) b,
        (int) (b >>> 32),
        (int) STREAM,
        (int) (STREAM >>> 32),
        (int) SEED,
        (int) (SEED >>> 32),
        w,
        0);
    return w[(int) (element % 4)];
  }

  private static double uniform(long element) {
    return ((word(element) >>> 8) + 0.5) * 0x1p-24;
  }

  @Test
  void uniformTakesTheWordOfEachElement() {
    try (Tensor t = Devices.cpu().run1(new RandomOp.Uniform(Shape.of(N), -2, 3, SEED, STREAM))) {
      float[] a = t.toArray();
      for (int i = 0; i < N; i++) {
        assertEquals(-2 + 5 * uniform(i), a[i], 1e-6, "element " + i);
        assertTrue(a[i] >= -2 && a[i] < 3);
      }
    }
  }

  @Test
  void normalPairsTheWordsOfABlock() {
    try (Tensor t = Devices.cpu().run1(new RandomOp.Normal(Shape.of(N), 1, 2, SEED, STREAM))) {
      float[] a = t.toArray();
      for (int i = 0; i < N; i++) {
        double radius = Math.sqrt(-2 * Math.log(uniform(i & ~1)));
        double angle = 2 * Math.PI * uniform(i | 1);
        double z = radius * (i % 2 == 0 ? Math.cos(angle) : Math.sin(angle));
        assertEquals(1 + 2 * z, a[i], 3e-6, "element " + i);
      }
    }
  }

  @Test
  void normalAtTheEndsOfTheUniformRange() {
    // The largest and the smallest uniform number, which no short run of elements meets.
    assertEquals(Math.sqrt(-2 * Math.log1p(-0x1p-25)), NormalNumbers.radius(0xFFFFFF), 1e-9);
    assertEquals(Math.sqrt(-2 * Math.log(0x1p-25)), NormalNumbers.radius(0), 1e-6);
  }

  @Test
  void dropoutKeepsWhatItsUniformNumberSays() {
    float p = 0.3f;
    try (Tensor x = Tensor.full(Devices.cpu(), 7, N);
        Tensor t = Devices.cpu().run1(new RandomOp.Dropout(p, SEED, STREAM), x)) {
      float[] a = t.toArray();
      int zeros = 0;
      for (int i = 0; i < N; i++) {
        float expected = uniform(i) < p ? 0 : (float) (7 / (1 - (double) p));
        assertEquals(expected, a[i], 1e-6, "element " + i);
        zeros += a[i] == 0 ? 1 : 0;
      }
      assertEquals(p, zeros / (double) N, 0.01);
    }
  }
}
