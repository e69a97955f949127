// Augmentation of images: an affine warp, brightness, contrast and noise in one pass; see ImageOp.Warp for the nine parameters of an image.
// Grid: an element of the result a thread, channels first. Memory bounds it, but for the noise.
#include "philox.cuh"

KERNEL(256) warp(const float *x, const float *parameters, float *y, int n, int h, int w, int c, int outH, int outW, float fill, long long seed,
                 long long stream) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= n) return;
  int channel = i % c, pixel = i / c, q = pixel % outW, rest = pixel / outW, p = rest % outH, image = rest / outH;
  const float *a = parameters + 9 * image;
  float right = q - 0.5f * (outW - 1), down = p - 0.5f * (outH - 1);
  float column = fmaf(a[0], right, fmaf(a[1], down, a[2])) + 0.5f * (w - 1);
  float row = fmaf(a[3], right, fmaf(a[4], down, a[5])) + 0.5f * (h - 1);
  float left = floorf(column), top = floorf(row);
  const float *from = x + (long long)image * h * w * c + channel;
  // Compared as floats: a far position has no int.
  auto at = [&](float r, float s) { return r >= 0 && r < h && s >= 0 && s < w ? from[((long long)int(r) * w + int(s)) * c] : fill; };
  float u = column - left, v = row - top;
  float above = fmaf(u, at(top, left + 1), (1 - u) * at(top, left)), below = fmaf(u, at(top + 1, left + 1), (1 - u) * at(top + 1, left));
  float value = fmaf(v, below, (1 - v) * above);
  value = fmaf(value - 0.5f, a[7], 0.5f + a[6]);
  if (a[8] != 0) value = fmaf(a[8], philox::normalAt(seed, stream, i), value);
  y[i] = value;
}
EXPORT_KERNEL(warp, 256)
