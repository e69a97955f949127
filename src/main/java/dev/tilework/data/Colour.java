package dev.tilework.data;

import dev.tilework.data.ImageNumbers.Use;
import dev.tilework.kernels.ImageOp;

/**
 * What happens to an image's colours. With v a value as a share of 255 and m the mean colour: first
 * {@code brightness * v}, then {@code m + contrast * (v - m)}, then {@code g + saturation * (v -
 * g)} with g the pixel's grey.
 *
 * @param noise the standard deviation of what is added, as a share of 255
 */
record Colour(double brightness, double contrast, double saturation, double noise) {
  /** The shares of red, green and blue in a grey: Rec. ITU-R BT.601. */
  private static final double[] GREY = {0.299, 0.587, 0.114};

  static Colour draw(Augmentation a, ImageNumbers r) {
    return new Colour(
        1 + r.around(Use.BRIGHTNESS, a.brightness()),
        1 + r.around(Use.CONTRAST, a.contrast()),
        1 + r.around(Use.SATURATION, a.saturation()),
        a.noise() * r.uniform(Use.NOISE));
  }

  /**
   * Writes the six numbers of each channel in the order of {@link ImageOp.Warp}, for an input of
   * bytes and a result that is normalised.
   */
  void write(Augmentation a, Normalization n, float[] out, int at) {
    int channels = n.channels();
    double meanGrey = 0;
    for (int k = 0; k < channels; k++) {
      meanGrey += grey(k) * n.mean().get(k);
    }
    double gain = contrast * brightness;
    for (int k = 0; k < channels; k++) {
      double mean = n.mean().get(k);
      double deviation = n.deviation().get(k);
      double fill = a.fill().isEmpty() ? mean : a.fill().get(k);
      double shift = (1 - contrast) * (saturation * mean + (1 - saturation) * meanGrey) - mean;
      int i = at + ImageOp.WARP_CHANNEL * k;
      out[i] = (float) (255 * fill);
      out[i + 1] = (float) grey(k);
      out[i + 2] = (float) (saturation * gain / (255 * deviation));
      out[i + 3] = (float) ((1 - saturation) * gain / (255 * deviation));
      out[i + 4] = (float) (shift / deviation);
      out[i + 5] = (float) (noise / deviation);
    }
  }

  private static double grey(int channel) {
    return channel < GREY.length ? GREY[channel] : 0;
  }
}
