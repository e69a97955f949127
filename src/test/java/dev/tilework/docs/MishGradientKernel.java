package dev.tilework.docs;

import com.aparapi.Kernel;

/** The gradient of Mish: dy (t + x dt/dx) with t = m / (m + 2), see {@link MishKernel}. */
final class MishGradientKernel extends Kernel {
  float[] x;
  float[] dy;
  float[] dx;
  int n;

  @Override
  public void run() {
    int i = getGlobalId();
    if (i < n) {
      float e = exp(min(x[i], 20f));
      float m = e * (e + 2f);
      float slope = 4f * e * (e + 1f) / ((m + 2f) * (m + 2f));
      dx[i] = dy[i] * (m / (m + 2f) + x[i] * slope);
    }
  }
}
