package dev.tilework.data;

import java.util.Arrays;
import java.util.List;

/**
 * Turns bytes into numbers around 0: {@code (byte / 255 - mean) / deviation} for each channel.
 *
 * @param mean of each channel, as a share of 255
 * @param deviation of each channel, as a share of 255; positive
 */
public record Normalization(List<Float> mean, List<Float> deviation) {
  /** The statistics of ImageNet's training images, which published weights expect. */
  public static final Normalization IMAGENET =
      new Normalization(List.of(0.485f, 0.456f, 0.406f), List.of(0.229f, 0.224f, 0.225f));

  /** Checks the numbers. */
  public Normalization {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.isEmpty()
        || mean.size() != deviation.size()
        || deviation.stream().anyMatch(d -> !(d > 0) || d.isInfinite())
        || mean.stream().anyMatch(m -> m.isNaN() || m.isInfinite())) {
      throw new IllegalArgumentException(
          "normalization: mean "
              + mean
              + ", deviation "
              + deviation
              + "; expected one finite mean and one positive deviation for each channel");
    }
  }

  /**
   * The mean and standard deviation of each channel over up to {@code most} samples spread evenly
   * over a data set; samples that cannot be read are left out.
   *
   * @throws IllegalArgumentException when none can be read
   */
  public static Normalization of(Dataset data, int most) {
    int channels = data.imageSize().channels();
    long[] sum = new long[channels];
    long[] squares = new long[channels];
    long count = 0;
    int n = Math.min(most, data.size());
    for (int i = 0; i < n; i++) {
      byte[] pixels;
      try {
        pixels = data.sample((int) ((long) i * data.size() / n)).pixels();
      } catch (CorruptImageException e) {
        continue;
      }
      for (int p = 0; p < pixels.length; p++) {
        long v = pixels[p] & 0xFF;
        sum[p % channels] += v;
        squares[p % channels] += v * v;
      }
      count += pixels.length / channels;
    }
    if (count == 0) {
      throw new IllegalArgumentException("normalization: no image of the data set can be read");
    }
    Float[] mean = new Float[channels];
    Float[] deviation = new Float[channels];
    for (int c = 0; c < channels; c++) {
      double m = (double) sum[c] / count;
      mean[c] = (float) (m / 255);
      double variance = Math.max(0, (double) squares[c] / count - m * m);
      // A channel of one value has no deviation; half a step keeps its numbers finite.
      deviation[c] = (float) (Math.max(Math.sqrt(variance), 0.5) / 255);
    }
    return new Normalization(Arrays.asList(mean), Arrays.asList(deviation));
  }

  /** The number of channels. */
  public int channels() {
    return mean.size();
  }

  /** The normalised values of an image of this many channels. */
  public float[] apply(byte[] pixels) {
    float[] out = new float[pixels.length];
    float[][] table = table();
    for (int i = 0; i < out.length; i++) {
      out[i] = table[i % table.length][pixels[i] & 0xFF];
    }
    return out;
  }

  /** The result for each channel and byte. */
  float[][] table() {
    float[][] t = new float[channels()][256];
    for (int c = 0; c < t.length; c++) {
      for (int v = 0; v < 256; v++) {
        t[c][v] = (v / 255f - mean.get(c)) / deviation.get(c);
      }
    }
    return t;
  }
}
