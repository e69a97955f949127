package dev.tilework.nn;

import java.util.Objects;

/**
 * How much each place of an image speaks for a class, from {@link GradCam}.
 *
 * @param height rows
 * @param width columns
 * @param values rows x columns, at least 0; not to be changed
 */
public record HeatMap(int height, int width, float[] values) {
  /** Checks the length. */
  public HeatMap {
    if (height < 1 || width < 1 || values.length != height * width) {
      throw new IllegalArgumentException(
          "heat map: got " + values.length + " values for " + height + "x" + width);
    }
  }

  /** The value at a place. */
  public float at(int row, int column) {
    return values[Objects.checkIndex(row, height) * width + Objects.checkIndex(column, width)];
  }

  /** The highest value. */
  public float peak() {
    float most = 0;
    for (float v : values) {
      most = Math.max(most, v);
    }
    return most;
  }

  /** This map scaled so that its peak is 1; unchanged where all of it is 0. */
  public HeatMap normalized() {
    float peak = peak();
    float[] scaled = values.clone();
    for (int i = 0; i < scaled.length && peak > 0; i++) {
      scaled[i] /= peak;
    }
    return new HeatMap(height, width, scaled);
  }

  /**
   * This map in another size, by bilinear interpolation between the centres of its places, as
   * images are scaled ("align corners" off).
   */
  public HeatMap resized(int newHeight, int newWidth) {
    float[] out = new float[Math.multiplyExact(newHeight, newWidth)];
    for (int y = 0; y < newHeight; y++) {
      double row = Math.clamp((y + 0.5) * height / newHeight - 0.5, 0, height - 1);
      int top = (int) row;
      int bottom = Math.min(top + 1, height - 1);
      for (int x = 0; x < newWidth; x++) {
        double column = Math.clamp((x + 0.5) * width / newWidth - 0.5, 0, width - 1);
        int left = (int) column;
        int right = Math.min(left + 1, width - 1);
        double above = mix(at(top, left), at(top, right), column - left);
        double below = mix(at(bottom, left), at(bottom, right), column - left);
        out[y * newWidth + x] = (float) mix(above, below, row - top);
      }
    }
    return new HeatMap(newHeight, newWidth, out);
  }

  private static double mix(double a, double b, double share) {
    return a + share * (b - a);
  }
}
