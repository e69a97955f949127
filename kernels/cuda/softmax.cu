// Softmax over rows of n elements, its logarithm, and the gradients. A row is a warp's where it is short (kernels named _32, eight rows a
// block), else a block's (_256). A row is read from memory once and from the cache after that; memory bounds it.
#include "softmax.cuh"

template <int THREADS, bool LOG> __device__ __forceinline__ void forward(const float *x, float *y, int rows, int n) {
  int row = group::Group<THREADS>::row();
  if (row >= rows) return;
  x += (long long)row * n;
  y += (long long)row * n;
  softmax::Row r = softmax::of<THREADS>(x, n);
  float scale = 1 / r.sum, log = logf(r.sum);
  softmax::each<THREADS>(n, [=](int i) { y[i] = LOG ? x[i] - r.max - log : expf(x[i] - r.max) * scale; });
}

// dx = y (dy - sum of y dy); of the logarithm dx = dy - exp(y) (sum of dy)
template <int THREADS, bool LOG> __device__ __forceinline__ void gradient(const float *dy, const float *y, float *dx, int rows, int n) {
  int row = group::Group<THREADS>::row();
  if (row >= rows) return;
  dy += (long long)row * n;
  y += (long long)row * n;
  dx += (long long)row * n;
  float sum = group::overRow<THREADS, group::Sum>(n, [=](int i) { return LOG ? dy[i] : y[i] * dy[i]; });
  softmax::each<THREADS>(n, [=](int i) { dx[i] = LOG ? dy[i] - expf(y[i]) * sum : y[i] * (dy[i] - sum); });
}

#define SOFTMAX(name, LOG, THREADS)                                                                                                    \
  KERNEL(256) name##_##THREADS(const float *x, float *y, int rows, int n) { forward<THREADS, LOG>(x, y, rows, n); }                    \
  EXPORT_KERNEL(name##_##THREADS, 256)                                                                                                 \
  KERNEL(256) name##_grad_##THREADS(const float *dy, const float *y, float *dx, int rows, int n) {                                     \
    gradient<THREADS, LOG>(dy, y, dx, rows, n);                                                                                        \
  }                                                                                                                                    \
  EXPORT_KERNEL(name##_grad_##THREADS, 256)
SOFTMAX(softmax, false, 32)
SOFTMAX(softmax, false, 256)
SOFTMAX(log_softmax, true, 32)
SOFTMAX(log_softmax, true, 256)
