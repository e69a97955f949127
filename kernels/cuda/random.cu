// Random numbers, and dropout. Grid: a block of Philox, four elements, a thread. Arithmetic bounds it: ten rounds of two long products.
#include "elements.cuh"
#include "philox.cuh"

template <class F> __device__ __forceinline__ void draw(float *y, int n, long long seed, long long stream, F f) {
  const int i = 4 * (int(blockIdx.x) * 256 + int(threadIdx.x));
  if (i >= n) return;
  uint4 words = philox::block(seed, stream, i / 4);
  float v[4];
  f(words, i, v);
  if (i + 4 <= n && elements::aligned(y)) {
    *reinterpret_cast<float4 *>(y + i) = make_float4(v[0], v[1], v[2], v[3]);
  } else {
    // Unrolled, since an index that is not a constant would have the numbers copied to memory.
#pragma unroll
    for (int k = 0; k < 4; k++) {
      if (i + k < n) y[i + k] = v[k];
    }
  }
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
    const unsigned words[4] = {w.x, w.y, w.z, w.w};
    float4 wide = i + 4 <= n && elements::aligned(x) ? *reinterpret_cast<const float4 *>(x + i)
                                                     : make_float4(x[i], x[min(i + 1, n - 1)], x[min(i + 2, n - 1)], x[min(i + 3, n - 1)]);
    const float from[4] = {wide.x, wide.y, wide.z, wide.w};
#pragma unroll
    for (int k = 0; k < 4; k++) v[k] = philox::uniform(words[k]) >= p ? from[k] * scale : 0;
  });
}
EXPORT_KERNEL(dropout, 256)
