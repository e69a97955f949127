// Augmentation of images: an affine map of coordinates and of colours with noise in one pass, and the mixing of images in a batch; ImageOp
// has the formulas. Roundings are those of the other devices, operation by operation.
// Grid: a pixel of the result a thread, with its channels. Memory bounds it, but for the noise.
#include "philox.cuh"

namespace warping {

// Parameters of an image, and of a channel of it.
constexpr int GEOMETRY = 6, CHANNEL = 6, MIX = 5;
enum { FILL, WEIGHT, SCALE, GREY, SHIFT, NOISE };

__device__ __forceinline__ float mix(float from, float to, float part) { return fmaf(part, to, fmaf(-part, from, from)); }

template <class T>
__device__ __forceinline__ void run(const T *x, const float *parameters, const int *numbers, float *y, int pixels, int h, int w, int c, int outH,
                                    int outW, long long seed, long long stream) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= pixels) return;
  int q = i % outW, rest = i / outW, p = rest % outH, image = rest / outH;
  const float *a = parameters + image * (GEOMETRY + CHANNEL * c);
  const float *channels = a + GEOMETRY;
  float dq = q - 0.5f * (outW - 1), dp = p - 0.5f * (outH - 1);
  float column = fmaf(a[0], dq, fmaf(a[1], dp, a[2] + 0.5f * (w - 1)));
  float row = fmaf(a[3], dq, fmaf(a[4], dp, a[5] + 0.5f * (h - 1)));
  // Clamped so far outside that all four neighbours are too, and integers do not overflow. NaN is outside.
  row = fminf(fmaxf(row, -2.0f), float(h + 1));
  column = fminf(fmaxf(column, -2.0f), float(w + 1));
  int top = int(floorf(row)), left = int(floorf(column));
  float down = row - top, right = column - left;
  const T *from = x + (long long)image * h * w * c;
  auto at = [&](int r, int s, int k) {
    return r >= 0 && r < h && s >= 0 && s < w ? float(from[(r * w + s) * c + k]) : channels[CHANNEL * k + FILL];
  };
  auto value = [&](int k) {
    float upper = mix(at(top, left, k), at(top, left + 1, k), right);
    float lower = mix(at(top + 1, left, k), at(top + 1, left + 1, k), right);
    return mix(upper, lower, down);
  };
  bool grey = false;
  for (int k = 0; k < c; k++) grey |= channels[CHANNEL * k + GREY] != 0;
  float g = 0;
  for (int k = 0; grey && k < c; k++) g = fmaf(channels[CHANNEL * k + WEIGHT], value(k), g);
  for (int k = 0; k < c; k++) {
    const float *t = channels + CHANNEL * k;
    float v = fmaf(t[SCALE], value(k), fmaf(t[GREY], g, t[SHIFT]));
    if (t[NOISE] != 0) v = fmaf(t[NOISE], philox::normalAt(seed, stream, (p * outW + q) * c + k, unsigned(numbers[image])), v);
    y[i * c + k] = v;
  }
}

}  // namespace warping

KERNEL(256) warp_float32(const float *x, const float *parameters, const int *numbers, float *y, int pixels, int h, int w, int c, int outH, int outW,
                         long long seed, long long stream) {
  warping::run(x, parameters, numbers, y, pixels, h, w, c, outH, outW, seed, stream);
}
EXPORT_KERNEL(warp_float32, 256)

KERNEL(256) warp_uint8(const unsigned char *x, const float *parameters, const int *numbers, float *y, int pixels, int h, int w, int c, int outH,
                       int outW, long long seed, long long stream) {
  warping::run(x, parameters, numbers, y, pixels, h, w, c, outH, outW, seed, stream);
}
EXPORT_KERNEL(warp_uint8, 256)

KERNEL(256) mix_images(const float *x, const int *partners, const float *parameters, float *y, int pixels, int n, int h, int w, int c) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= pixels) return;
  int q = i % w, rest = i / w, p = rest % h, image = rest / h;
  const float *t = parameters + warping::MIX * image;
  float u = p >= t[1] && p < t[3] && q >= t[2] && q < t[4] ? 1 : t[0];
  int partner = partners[image];
  bool known = partner >= 0 && partner < n;
  const float *own = x + i * c, *other = known ? own + (partner - image) * (h * w * c) : own;
  for (int k = 0; k < c; k++) y[i * c + k] = known ? warping::mix(own[k], other[k], u) : NAN;
}
EXPORT_KERNEL(mix_images, 256)
