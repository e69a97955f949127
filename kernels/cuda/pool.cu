// Pooling over windows of images in NHWC, and the gradients, which gather from all windows that a pixel lies in. Grid: a pack of the result's
// channels (pack.cuh) a thread, channels first. Memory bounds it.
#include "pack.cuh"

struct Pool { int n, h, w, c, kernelH, kernelW, strideH, strideW, padTop, padLeft, outH, outW; };

namespace {

// The place of a pack among pixels of some rows and columns.
struct Place {
  int image, row, column, channel;
  __device__ __forceinline__ Place(int i, int rows, int columns, int channels, int width) {
    channel = i % (channels / width) * width;
    i /= channels / width;
    column = i % columns;
    i /= columns;
    row = i % rows;
    image = i / rows;
  }
};

// The part of a window that lies in the image.
struct Range { int from, end; };
__device__ __forceinline__ Range window(int out, int stride, int pad, int kernel, int extent) {
  int from = out * stride - pad;
  return {max(from, 0), min(from + kernel, extent)};
}
// The windows that a pixel lies in.
__device__ __forceinline__ Range windows(int pixel, int stride, int pad, int kernel, int outs) {
  int last = pixel + pad, first = last - kernel + 1;
  return {first <= 0 ? 0 : (first + stride - 1) / stride, min(last / stride + 1, outs)};
}

// Regions that divide an extent into `parts`: the i-th is from i extent / parts, rounded down, to (i + 1) extent / parts, rounded up.
__device__ __forceinline__ Range region(int i, int extent, int parts) {
  return {int((long long)i * extent / parts), int(((long long)(i + 1) * extent + parts - 1) / parts)};
}
// The regions that hold a pixel.
__device__ __forceinline__ Range regions(int pixel, int extent, int parts) {
  return {int((long long)pixel * parts / extent), int(((long long)(pixel + 1) * parts + extent - 1) / extent)};
}

template <int V> __device__ __forceinline__ Pack<V> over(Pack<V> a, int count) {
  return each(a, [=](float v) { return v / count; });
}

}  // namespace

namespace wide {

template <int V> __device__ __forceinline__ void max_pool2d(const float *x, float *y, int *positions, int threads, const Pool &p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  Place o(i, p.outH, p.outW, p.c, V);
  Range rows = window(o.row, p.strideH, p.padTop, p.kernelH, p.h), columns = window(o.column, p.strideW, p.padLeft, p.kernelW, p.w);
  const float *from = x + (long long)o.image * p.h * p.w * p.c + o.channel;
  const int first = rows.from * p.w + columns.from;
  Pack<V> largest = Pack<V>::load(from + (long long)first * p.c);
  Pack<V, int> at = Pack<V, int>::filled(first);
  for (int r = rows.from; r < rows.end; r++) {
    for (int s = columns.from; s < columns.end; s++) {
      const Pack<V> v = Pack<V>::load(from + ((long long)r * p.w + s) * p.c);
#pragma unroll
      for (int k = 0; k < V; k++) {
        // NaN is the largest, and the first of equals stays.
        bool takes = largest.of[k] == largest.of[k] && !(v.of[k] <= largest.of[k]);
        largest.of[k] = takes ? v.of[k] : largest.of[k];
        at.of[k] = takes ? r * p.w + s : at.of[k];
      }
    }
  }
  largest.store(y + (long long)i * V);
  at.store(positions + (long long)i * V);
}

template <int V> __device__ __forceinline__ void max_pool2d_grad(const float *dy, const int *positions, float *dx, int threads, const Pool &p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  Place o(i, p.h, p.w, p.c, V);
  Range rows = windows(o.row, p.strideH, p.padTop, p.kernelH, p.outH), columns = windows(o.column, p.strideW, p.padLeft, p.kernelW, p.outW);
  Pack<V> sum = Pack<V>::filled(0);
  for (int r = rows.from; r < rows.end; r++) {
    for (int s = columns.from; s < columns.end; s++) {
      long long k = (((long long)o.image * p.outH + r) * p.outW + s) * p.c + o.channel;
      const Pack<V, int> at = Pack<V, int>::load(positions + k);
      const Pack<V> d = Pack<V>::load(dy + k);
#pragma unroll
      for (int j = 0; j < V; j++) sum.of[j] += at.of[j] == o.row * p.w + o.column ? d.of[j] : 0;
    }
  }
  sum.store(dx + (long long)i * V);
}

template <int V> __device__ __forceinline__ void avg_pool2d(const float *x, float *y, int threads, const Pool &p, int countPadding) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  Place o(i, p.outH, p.outW, p.c, V);
  Range rows = window(o.row, p.strideH, p.padTop, p.kernelH, p.h), columns = window(o.column, p.strideW, p.padLeft, p.kernelW, p.w);
  const float *from = x + (long long)o.image * p.h * p.w * p.c + o.channel;
  Pack<V> sum = Pack<V>::filled(0);
  for (int r = rows.from; r < rows.end; r++) {
    for (int s = columns.from; s < columns.end; s++) sum = sum + Pack<V>::load(from + ((long long)r * p.w + s) * p.c);
  }
  int count = countPadding ? p.kernelH * p.kernelW : (rows.end - rows.from) * (columns.end - columns.from);
  over(sum, count).store(y + (long long)i * V);
}

template <int V> __device__ __forceinline__ void avg_pool2d_grad(const float *dy, float *dx, int threads, const Pool &p, int countPadding) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  Place o(i, p.h, p.w, p.c, V);
  Range rows = windows(o.row, p.strideH, p.padTop, p.kernelH, p.outH), columns = windows(o.column, p.strideW, p.padLeft, p.kernelW, p.outW);
  Pack<V> sum = Pack<V>::filled(0);
  for (int r = rows.from; r < rows.end; r++) {
    Range down = window(r, p.strideH, p.padTop, p.kernelH, p.h);
    for (int s = columns.from; s < columns.end; s++) {
      Range across = window(s, p.strideW, p.padLeft, p.kernelW, p.w);
      int count = countPadding ? p.kernelH * p.kernelW : (down.end - down.from) * (across.end - across.from);
      sum = sum + over(Pack<V>::load(dy + (((long long)o.image * p.outH + r) * p.outW + s) * p.c + o.channel), count);
    }
  }
  sum.store(dx + (long long)i * V);
}

template <int V> __device__ __forceinline__ void adaptive_avg_pool2d(const float *x, float *y, int threads, const Pool &p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  Place o(i, p.outH, p.outW, p.c, V);
  Range rows = region(o.row, p.h, p.outH), columns = region(o.column, p.w, p.outW);
  const float *from = x + (long long)o.image * p.h * p.w * p.c + o.channel;
  Pack<V> sum = Pack<V>::filled(0);
  for (int r = rows.from; r < rows.end; r++) {
    Pack<V> ofRow = Pack<V>::filled(0);
    for (int s = columns.from; s < columns.end; s++) ofRow = ofRow + Pack<V>::load(from + ((long long)r * p.w + s) * p.c);
    sum = sum + ofRow;
  }
  over(sum, (rows.end - rows.from) * (columns.end - columns.from)).store(y + (long long)i * V);
}

template <int V> __device__ __forceinline__ void adaptive_avg_pool2d_grad(const float *dy, float *dx, int threads, const Pool &p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  Place o(i, p.h, p.w, p.c, V);
  Range rows = regions(o.row, p.h, p.outH), columns = regions(o.column, p.w, p.outW);
  Pack<V> sum = Pack<V>::filled(0);
  for (int r = rows.from; r < rows.end; r++) {
    Range down = region(r, p.h, p.outH);
    for (int s = columns.from; s < columns.end; s++) {
      Range across = region(s, p.w, p.outW);
      const int count = (down.end - down.from) * (across.end - across.from);
      sum = sum + over(Pack<V>::load(dy + (((long long)o.image * p.outH + r) * p.outW + s) * p.c + o.channel), count);
    }
  }
  sum.store(dx + (long long)i * V);
}

}  // namespace wide

WIDTHS(PRODUCT_KERNEL, 256, max_pool2d, (const float *x, float *y, int *positions, int threads, const Pool p), (x, y, positions, threads, p))
WIDTHS(KERNEL, 256, max_pool2d_grad, (const float *dy, const int *positions, float *dx, int threads, const Pool p), (dy, positions, dx, threads, p))
WIDTHS(PRODUCT_KERNEL, 256, avg_pool2d, (const float *x, float *y, int threads, const Pool p, int countPadding), (x, y, threads, p, countPadding))
WIDTHS(KERNEL, 256, avg_pool2d_grad, (const float *dy, float *dx, int threads, const Pool p, int countPadding), (dy, dx, threads, p, countPadding))
WIDTHS(KERNEL, 256, adaptive_avg_pool2d, (const float *x, float *y, int threads, const Pool p), (x, y, threads, p))
WIDTHS(KERNEL, 256, adaptive_avg_pool2d_grad, (const float *dy, float *dx, int threads, const Pool p), (dy, dx, threads, p))
