package dev.tilework.data;

import dev.tilework.Device;
import dev.tilework.Tensor;
import dev.tilework.data.ImageNumbers.Use;
import dev.tilework.kernels.ImageOp;

/**
 * How the images of a batch are mixed: image i with {@code partners[i]}, which is the next one.
 *
 * @param partners the other image of each
 * @param parameters of {@link ImageOp.Mix}
 * @param shares the share of each image that is its partner's: of its colours, or of its area
 */
record Mixing(int[] partners, float[] parameters, float[] shares) {
  /** A weight and a box, and what they make the partner's share. */
  record Draw(float weight, int top, int left, int bottom, int right, float share) {
    static final Draw NONE = new Draw(0, 0, 0, 0, 0, 0);
  }

  static Draw draw(Augmentation a, ImageSize size, ImageNumbers r) {
    if (!(r.uniform(Use.MIXED) < a.mixed())) {
      return Draw.NONE;
    }
    boolean cut = a.mixUp() == 0 || a.cutMix() > 0 && r.coin(Use.MIX_KIND);
    float share = (float) r.beta(cut ? a.cutMix() : a.mixUp());
    return cut ? box(size, share, r) : new Draw(share, 0, 0, 0, 0, share);
  }

  /** A box of that share of the area around any pixel; what is outside of the image is cut off. */
  private static Draw box(ImageSize size, float share, ImageNumbers r) {
    double side = Math.sqrt(share);
    int h = (int) (size.height() * side);
    int w = (int) (size.width() * side);
    int y = r.below(Use.BOX_Y, size.height());
    int x = r.below(Use.BOX_X, size.width());
    int top = Math.max(0, y - h / 2);
    int left = Math.max(0, x - w / 2);
    int bottom = Math.min(size.height(), y - h / 2 + h);
    int right = Math.min(size.width(), x - w / 2 + w);
    float area = (float) (bottom - top) * (right - left);
    return new Draw(0, top, left, bottom, right, area / (size.height() * size.width()));
  }

  /** Of n images, none of which is mixed. */
  static Mixing none(int n) {
    return new Mixing(new int[n], new float[n * ImageOp.MIX_PARAMETERS], new float[n]);
  }

  static Mixing of(Draw... draws) {
    int n = draws.length;
    int[] partners = new int[n];
    float[] parameters = new float[n * ImageOp.MIX_PARAMETERS];
    float[] shares = new float[n];
    for (int i = 0; i < n; i++) {
      Draw d = draws[i];
      float[] t = {d.weight, d.top, d.left, d.bottom, d.right};
      System.arraycopy(t, 0, parameters, i * t.length, t.length);
      partners[i] = (i + 1) % n;
      shares[i] = d.share;
    }
    return new Mixing(partners, parameters, shares);
  }

  /** Whether it changes an image. */
  boolean any() {
    for (float s : shares) {
      if (s > 0) {
        return true;
      }
    }
    return false;
  }

  /** The mixed images. */
  Tensor apply(Tensor images) {
    Device d = images.device();
    int n = partners.length;
    try (Tensor p = Tensor.ofInts(d, partners, n);
        Tensor t = Tensor.of(d, parameters, n, ImageOp.MIX_PARAMETERS)) {
      return d.run1(new ImageOp.Mix(), images, p, t);
    }
  }

  /** The probability of each class for each image, (n, classes). */
  float[] targets(int[] labels, int classes) {
    float[] p = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      p[i * classes + labels[i]] += 1 - shares[i];
      p[i * classes + labels[partners[i]]] += shares[i];
    }
    return p;
  }

  /** The sum over images of the shares that belong to the class that was found. */
  double correct(int[] labels, int... found) {
    double sum = 0;
    for (int i = 0; i < labels.length; i++) {
      sum += found[i] == labels[i] ? 1 - shares[i] : 0;
      sum += found[i] == labels[partners[i]] ? shares[i] : 0;
    }
    return sum;
  }
}
