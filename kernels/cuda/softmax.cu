// Softmax over rows of n elements, its logarithm, and the gradients. A row is a warp's where it is short (kernels named _32, eight rows a
// block), else a block's (_256). A row is read from memory once and from the cache after that; memory bounds it.
#include "softmax.cuh"

template <int THREADS, bool LOG, int V> __device__ __forceinline__ void forward(const float *x, float *y, int rows, int n) {
  int row = group::Group<THREADS>::row();
  if (row >= rows) return;
  x += (long long)row * n;
  y += (long long)row * n;
  softmax::Row r = softmax::of<THREADS, V>(x, n);
  float scale = 1 / r.sum, log = logf(r.sum);
  softmax::packs<THREADS, V>(n, [=](int i) {
    each(Pack<V>::load(x + i), [=](float v) { return LOG ? v - r.max - log : expf(v - r.max) * scale; }).store(y + i);
  });
}

// dx = y (dy - sum of y dy); of the logarithm dx = dy - exp(y) (sum of dy)
template <int THREADS, bool LOG, int V> __device__ __forceinline__ void gradient(const float *dy, const float *y, float *dx, int rows, int n) {
  int row = group::Group<THREADS>::row();
  if (row >= rows) return;
  dy += (long long)row * n;
  y += (long long)row * n;
  dx += (long long)row * n;
  float sum = group::overRow<THREADS, group::Sum, V>(n, [=](int i) {
    return each(Pack<V>::load(dy + i), Pack<V>::load(y + i), [](float d, float v) { return LOG ? d : v * d; });
  });
  softmax::packs<THREADS, V>(n, [=](int i) {
    each(Pack<V>::load(dy + i), Pack<V>::load(y + i), [=](float d, float v) { return LOG ? d - expf(v) * sum : v * (d - sum); }).store(dx + i);
  });
}

#define SOFTMAX(name, LOG, THREADS)                                                                                              \
  namespace wide {                                                                                                               \
  template <int V> __device__ __forceinline__ void name##_##THREADS(const float *x, float *y, int rows, int n) {                 \
    forward<THREADS, LOG, V>(x, y, rows, n);                                                                                     \
  }                                                                                                                              \
  template <int V> __device__ __forceinline__ void name##_grad_##THREADS(const float *dy, const float *y, float *dx, int rows, int n) { \
    gradient<THREADS, LOG, V>(dy, y, dx, rows, n);                                                                               \
  }                                                                                                                              \
  }                                                                                                                              \
  WIDTHS(KERNEL, 256, name##_##THREADS, (const float *x, float *y, int rows, int n), (x, y, rows, n))                                    \
  WIDTHS(KERNEL, 256, name##_grad_##THREADS, (const float *dy, const float *y, float *dx, int rows, int n), (dy, y, dx, rows, n))
SOFTMAX(softmax, false, 32)
SOFTMAX(softmax, false, 256)
SOFTMAX(log_softmax, true, 32)
SOFTMAX(log_softmax, true, 256)
