package dev.tilework.bench.peers;

/** Operands: the same numbers in every process, made without a generator's state. */
public final class Data {
  private static final long STEP = 0x9E3779B97F4A7C15L;

  private Data() {}

  /** Numbers from {@code low} to below {@code high} that follow from the seed. */
  public static float[] uniform(long seed, long count, float low, float high) {
    float[] values = new float[Math.toIntExact(count)];
    float width = (high - low) / (1 << 24);
    for (int i = 0; i < values.length; i++) {
      // The finalizer of SplitMix64 (Steele, Lea and Flood, 2014) on a counter.
      long z = (seed << 40) + (i + 1) * STEP;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      values[i] = low + width * ((z ^ (z >>> 31)) >>> 40);
    }
    return values;
  }

  /** The first operand of a convolution or product. */
  public static float[] first(long count) {
    return uniform(1, count, -0.5f, 0.5f);
  }

  /** The second operand of a convolution or product. */
  public static float[] second(long count) {
    return uniform(2, count, -0.5f, 0.5f);
  }

  /** Images of either sign. */
  public static float[] images(long seed, long count) {
    return uniform(seed, count, -1, 1);
  }

  /** Numbers a channel: from above 0, as variances are. */
  public static float[] channels(long seed, long count) {
    return uniform(seed, count, 0.25f, 1);
  }

  /** Labels of a batch. */
  public static int[] labels(int batch, int classes) {
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      labels[i] = 7 * i % classes;
    }
    return labels;
  }

  /**
   * The same numbers with the second axis of four last: (n, h, w, c) to (n, c, h, w), and weights
   * (out, kernelH, kernelW, in) to (out, in, kernelH, kernelW).
   */
  public static float[] nchw(float[] values, int n, int h, int w, int c) {
    float[] moved = new float[values.length];
    int pixels = h * w;
    for (int i = 0; i < n; i++) {
      int image = i * pixels * c;
      for (int p = 0; p < pixels; p++) {
        for (int j = 0; j < c; j++) {
          moved[image + j * pixels + p] = values[image + p * c + j];
        }
      }
    }
    return moved;
  }

  /** The inverse of {@link #nchw}. */
  public static float[] nhwc(float[] values, int n, int h, int w, int c) {
    return nchw(values, n, 1, c, h * w);
  }
}
