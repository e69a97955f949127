package dev.tilework.docs;

import com.aparapi.Kernel;

/** Mish of n numbers: x tanh(ln(1 + e^x)), which is x m / (m + 2) with m = e^x (e^x + 2). */
final class MishKernel extends Kernel {
  float[] x;
  float[] y;
  int n;

  @Override
  public void run() {
    int i = getGlobalId();
    if (i < n) {
      float e = exp(min(x[i], 20f)); // beyond 20 Mish is x to the last bit
      float m = e * (e + 2f);
      y[i] = x[i] * m / (m + 2f);
    }
  }
}
