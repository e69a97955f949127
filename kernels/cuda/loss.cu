// Losses and their gradients. Cross-entropy goes by rows as softmax.cu does, and leaves each row's loss; squared errors go by segments. Their
// means are taken by reduce.cu. The gradients are element-wise. Memory bounds all but the exponentials.
#include "elements.cuh"
#include "softmax.cuh"

template <int THREADS>
__device__ __forceinline__ void crossEntropy(const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing) {
  int row = group::Group<THREADS>::row();
  if (row >= rows) return;
  x += (long long)row * n;
  p += (long long)row * n;
  softmax::Row r = softmax::of<THREADS>(x, n);
  float scale = 1 / r.sum, log = logf(r.sum);
  softmax::each<THREADS>(n, [=](int i) { p[i] = expf(x[i] - r.max) * scale; });
  // Only with smoothing do all logits count, and so those that are infinite.
  float mean = smoothing > 0 ? group::overRow<THREADS, group::Sum>(n, [=](int i) { return x[i]; }) / n : 0;
  if (group::Group<THREADS>::member() != 0) return;
  int label = labels[row];
  float loss = NAN;
  if (label >= 0 && label < n) {
    loss = (1 - smoothing) * (r.max - x[label] + log);
    if (smoothing > 0) loss += smoothing * (r.max - mean + log);
  }
  losses[row] = loss;
}

#define CROSS_ENTROPY(THREADS)                                                                                                             \
  KERNEL(256) cross_entropy_##THREADS(const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing) {      \
    crossEntropy<THREADS>(x, labels, p, losses, rows, n, smoothing);                                                                       \
  }                                                                                                                                        \
  EXPORT_KERNEL(cross_entropy_##THREADS, 256)
CROSS_ENTROPY(32)
CROSS_ENTROPY(256)

// Grid: an element a thread.
KERNEL(256) cross_entropy_grad(const float *dloss, const float *p, const int *labels, float *dx, int size, int n, int rows, float smoothing) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  int row = i / n;
  float target = smoothing / n + (labels[row] == i - row * n ? 1 - smoothing : 0);
  dx[i] = dloss[0] / rows * (p[i] - target);
}
EXPORT_KERNEL(cross_entropy_grad, 256)

// Grid: a warp a segment.
KERNEL(256) squared_errors(const float *a, const float *b, float *y, int segments, int n, int segment) {
  int i = group::Group<32>::row();
  if (i >= segments) return;
  a += (long long)i * segment;
  b += (long long)i * segment;
  float sum = group::overRow<32, group::Sum>(min(segment, n - i * segment), [=](int k) { return (a[k] - b[k]) * (a[k] - b[k]); });
  if (threadIdx.x % 32 == 0) y[i] = sum;
}
EXPORT_KERNEL(squared_errors, 256)

KERNEL(256) mean_squared_error_grad(const float *dloss, const float *a, const float *b, float *da, int n) {
  float scale = 2 * dloss[0] / n;
  elements::map(da, n, [=](float p, float q) { return scale * (p - q); }, a, b);
}
EXPORT_KERNEL(mean_squared_error_grad, 256)
