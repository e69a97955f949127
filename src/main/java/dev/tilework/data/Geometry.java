package dev.tilework.data;

import dev.tilework.data.ImageNumbers.Use;

/**
 * Where the pixels of a changed image come from: pixel (x, y) relative to the image's centre, x to
 * the right and y down, is taken at {@code (a x + b y + tx, c x + d y + ty)}.
 */
record Geometry(double a, double b, double tx, double c, double d, double ty) {
  private static final int CROP_TRIALS = 10;

  /**
   * A part of an image that takes its whole place.
   *
   * @param x its centre, in pixels from the image's
   * @param y its centre likewise
   * @param width as a share of the image's
   * @param height as a share of the image's
   */
  record Crop(double x, double y, double width, double height) {
    static final Crop WHOLE = new Crop(0, 0, 1, 1);
  }

  /**
   * Crop and move, then mirror, then turn and grow about the centre, then shift.
   *
   * @param degrees anticlockwise
   * @param shiftX pixels to the right
   * @param shiftY pixels down
   */
  static Geometry of(
      Crop crop, Move move, double degrees, double scale, double shiftX, double shiftY) {
    double cos = StrictMath.cos(StrictMath.toRadians(degrees)) / scale;
    double sin = StrictMath.sin(StrictMath.toRadians(degrees)) / scale;
    double across = move.flip() ? -crop.width() : crop.width();
    double down = move.flipVertical() ? -crop.height() : crop.height();
    double a = across * cos;
    double b = -across * sin;
    double c = down * sin;
    double d = down * cos;
    return new Geometry(
        a,
        b,
        crop.x() + move.left() - a * shiftX - b * shiftY,
        c,
        d,
        crop.y() + move.top() - c * shiftX - d * shiftY);
  }

  static Geometry draw(Augmentation g, ImageSize size, ImageNumbers r) {
    return of(
        crop(g, size, r),
        Move.draw(g, r),
        r.around(Use.ROTATION, g.rotation()),
        g.scale().at(r.uniform(Use.SCALE)),
        size.width() * r.around(Use.TRANSLATION_X, g.translation()),
        size.height() * r.around(Use.TRANSLATION_Y, g.translation()));
  }

  /** An area and an aspect until they fit into the image; then any place for it. */
  private static Crop crop(Augmentation g, ImageSize size, ImageNumbers r) {
    if (g.cropArea().equals(Augmentation.Range.ONE)) {
      return Crop.WHOLE;
    }
    double low = StrictMath.log(g.cropAspect().low());
    double high = StrictMath.log(g.cropAspect().high());
    double width = 1;
    double height = 1;
    for (int trial = 0; trial == 0 || trial < CROP_TRIALS && (width > 1 || height > 1); trial++) {
      double area = g.cropArea().at(r.uniform(Use.CROP_AREA, trial));
      double aspect = StrictMath.exp(low + (high - low) * r.uniform(Use.CROP_ASPECT, trial));
      width = Math.sqrt(area * aspect);
      height = Math.sqrt(area / aspect);
    }
    width = Math.min(width, 1);
    height = Math.min(height, 1);
    return new Crop(
        size.width() * (1 - width) * (r.uniform(Use.CROP_X) - 0.5),
        size.height() * (1 - height) * (r.uniform(Use.CROP_Y) - 0.5),
        width,
        height);
  }

  /** Writes the six numbers in the order of {@link dev.tilework.kernels.ImageOp.Warp}. */
  void write(float[] out, int at) {
    out[at] = (float) a;
    out[at + 1] = (float) b;
    out[at + 2] = (float) tx;
    out[at + 3] = (float) c;
    out[at + 4] = (float) d;
    out[at + 5] = (float) ty;
  }
}
