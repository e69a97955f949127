// Random numbers, and dropout. Grid: a block of Philox, four elements, a thread. Arithmetic bounds it: ten rounds of two long products.
#include "philox.cuh"

template <class F> __device__ __forceinline__ void draw(float *y, int n, long long seed, long long stream, F f) {
  const int i = 4 * (int(blockIdx.x) * 256 + int(threadIdx.x));
  if (i >= n) return;
  uint4 words = philox::block(seed, stream, i / 4);
  float v[4];
  f(words, i, v);
  for (int k = 0; k < min(4, n - i); k++) y[i + k] = v[k];
}

// `below`: the float before the upper end, which rounding may not reach.
KERNEL(256) random_uniform(float *y, int n, long long seed, long long stream, float low, float range, float below) {
  draw(y, n, seed, stream, [=](uint4 w, int, float *v) {
    v[0] = fminf(fmaf(range, philox::uniform(w.x), low), below);
    v[1] = fminf(fmaf(range, philox::uniform(w.y), low), below);
    v[2] = fminf(fmaf(range, philox::uniform(w.z), low), below);
    v[3] = fminf(fmaf(range, philox::uniform(w.w), low), below);
  });
}
EXPORT_KERNEL(random_uniform, 256)

KERNEL(256) random_normal(float *y, int n, long long seed, long long stream, float mean, float deviation) {
  draw(y, n, seed, stream, [=](uint4 w, int, float *v) {
    float2 a = philox::normal(w.x, w.y), b = philox::normal(w.z, w.w);
    v[0] = fmaf(deviation, a.x, mean);
    v[1] = fmaf(deviation, a.y, mean);
    v[2] = fmaf(deviation, b.x, mean);
    v[3] = fmaf(deviation, b.y, mean);
  });
}
EXPORT_KERNEL(random_normal, 256)

KERNEL(256) dropout(const float *x, float *y, int n, long long seed, long long stream, float p, float scale) {
  draw(y, n, seed, stream, [=](uint4 w, int i, float *v) {
    unsigned words[4] = {w.x, w.y, w.z, w.w};
    for (int k = 0; k < 4; k++) v[k] = i + k < n && philox::uniform(words[k]) >= p ? x[i + k] * scale : 0;
  });
}
EXPORT_KERNEL(dropout, 256)
