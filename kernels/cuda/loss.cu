// Losses and their gradients. Cross-entropy goes by rows as softmax.cu does, and leaves each row's loss; squared errors go by segments. Their
// means are taken by reduce.cu. The gradients are element-wise. Memory bounds all but the exponentials.
#include "elements.cuh"
#include "softmax.cuh"

template <int THREADS, int V>
__device__ __forceinline__ void crossEntropy(const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing) {
  int row = group::Group<THREADS>::row();
  if (row >= rows) return;
  x += (long long)row * n;
  p += (long long)row * n;
  softmax::Row r = softmax::of<THREADS, V>(x, n);
  float scale = 1 / r.sum, log = logf(r.sum);
  softmax::packs<THREADS, V>(n, [=](int i) {
    each(Pack<V>::load(x + i), [=](float v) { return expf(v - r.max) * scale; }).store(p + i);
  });
  // Only with smoothing do all logits count, and so those that are infinite.
  float mean = smoothing > 0 ? group::overRow<THREADS, group::Sum, V>(n, [=](int i) { return Pack<V>::load(x + i); }) / n : 0;
  if (group::Group<THREADS>::member() != 0) return;
  int label = labels[row];
  float loss = NAN;
  if (label >= 0 && label < n) {
    loss = (1 - smoothing) * (r.max - x[label] + log);
    if (smoothing > 0) loss += smoothing * (r.max - mean + log);
  }
  losses[row] = loss;
}

namespace wide {

template <int V>
__device__ __forceinline__ void cross_entropy_32(const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing) {
  crossEntropy<32, V>(x, labels, p, losses, rows, n, smoothing);
}
template <int V>
__device__ __forceinline__ void cross_entropy_256(const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing) {
  crossEntropy<256, V>(x, labels, p, losses, rows, n, smoothing);
}

// Grid: a pack a thread.
template <int V>
__device__ __forceinline__ void cross_entropy_grad(const float *dloss, const float *p, const int *labels, float *dx, int size, int n, int rows,
                                                   float smoothing) {
  const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x));
  if (i >= size) return;
  const int row = i / n, at = labels[row] - (i - row * n);
  const float scale = dloss[0] / rows, other = smoothing / n;
  Pack<V> v = Pack<V>::load(p + i);
#pragma unroll
  for (int k = 0; k < V; k++) v.of[k] = scale * (v.of[k] - (other + (at == k ? 1 - smoothing : 0)));
  v.store(dx + i);
}

// Grid: a warp a segment.
template <int V> __device__ __forceinline__ void squared_errors(const float *a, const float *b, float *y, int segments, int n, int segment) {
  int i = group::Group<32>::row();
  if (i >= segments) return;
  a += (long long)i * segment;
  b += (long long)i * segment;
  float sum = group::overRow<32, group::Sum, V>(min(segment, n - i * segment), [=](int k) {
    return each(Pack<V>::load(a + k), Pack<V>::load(b + k), [](float p, float q) { return (p - q) * (p - q); });
  });
  if (threadIdx.x % 32 == 0) y[i] = sum;
}

}  // namespace wide

WIDTHS(KERNEL, 256, cross_entropy_32, (const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing),
       (x, labels, p, losses, rows, n, smoothing))
WIDTHS(KERNEL, 256, cross_entropy_256, (const float *x, const int *labels, float *p, float *losses, int rows, int n, float smoothing),
       (x, labels, p, losses, rows, n, smoothing))
WIDTHS(KERNEL, 256, cross_entropy_grad,
       (const float *dloss, const float *p, const int *labels, float *dx, int size, int n, int rows, float smoothing),
       (dloss, p, labels, dx, size, n, rows, smoothing))
WIDTHS(KERNEL, 256, squared_errors, (const float *a, const float *b, float *y, int segments, int n, int segment), (a, b, y, segments, n, segment))

KERNEL(256) mean_squared_error_grad(const float *dloss, const float *a, const float *b, float *da, int n) {
  float scale = 2 * dloss[0] / n;
  elements::map(da, n, [=](float p, float q) { return scale * (p - q); }, a, b);
}
EXPORT_KERNEL(mean_squared_error_grad, 256)
