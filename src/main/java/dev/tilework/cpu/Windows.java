package dev.tilework.cpu;

/**
 * The pooling windows along one axis, within the image: window o covers {@code from[o]} to {@code
 * to[o]}, and pixel i lies in windows {@code first[i]} to {@code last[i]}, the ends excluded.
 */
final class Windows {
  final int[] from;
  final int[] to;
  final int[] first;
  final int[] last;

  private Windows(int pixels, int windows) {
    from = new int[windows];
    to = new int[windows];
    first = new int[pixels];
    last = new int[pixels];
  }

  static Windows sliding(int pixels, int windows, int kernel, int stride, int pad) {
    Windows w = new Windows(pixels, windows);
    for (int o = 0; o < windows; o++) {
      int start = o * stride - pad;
      w.from[o] = Math.max(0, start);
      w.to[o] = Math.min(pixels, start + kernel);
    }
    w.cover();
    return w;
  }

  /** Equal parts, which overlap where they do not divide the axis. */
  static Windows adaptive(int pixels, int windows) {
    Windows w = new Windows(pixels, windows);
    for (long o = 0; o < windows; o++) {
      w.from[(int) o] = (int) (o * pixels / windows);
      w.to[(int) o] = (int) (((o + 1) * pixels + windows - 1) / windows);
    }
    w.cover();
    return w;
  }

  /** Both ends of the windows grow from window to window. */
  private void cover() {
    int a = 0;
    int b = 0;
    for (int i = 0; i < first.length; i++) {
      while (a < to.length && to[a] <= i) {
        a++;
      }
      while (b < from.length && from[b] <= i) {
        b++;
      }
      first[i] = a;
      last[i] = b;
    }
  }
}
