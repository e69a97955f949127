// Pooling over windows of images in NHWC, and the gradients, which gather from all windows that a pixel lies in. Grid: an element of the result
// a thread, channels first. Memory bounds it.
#include "gpu.cuh"

struct Pool { int n, h, w, c, kernelH, kernelW, strideH, strideW, padTop, padLeft, outH, outW; };

namespace {

// The place of an element among pixels of some rows and columns.
struct Place {
  int image, row, column, channel;
  __device__ __forceinline__ Place(int i, int rows, int columns, int channels) {
    channel = i % channels;
    i /= channels;
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

}  // namespace

PRODUCT_KERNEL(256) max_pool(const float *x, float *y, int *positions, int size, const Pool p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  Place o(i, p.outH, p.outW, p.c);
  Range rows = window(o.row, p.strideH, p.padTop, p.kernelH, p.h), columns = window(o.column, p.strideW, p.padLeft, p.kernelW, p.w);
  const float *from = x + (long long)o.image * p.h * p.w * p.c + o.channel;
  int at = rows.from * p.w + columns.from;
  float largest = from[(long long)at * p.c];
  for (int r = rows.from; r < rows.end; r++) {
    for (int s = columns.from; s < columns.end; s++) {
      float v = from[((long long)r * p.w + s) * p.c];
      // NaN is the largest, and the first of equals stays.
      if (largest == largest && !(v <= largest)) {
        largest = v;
        at = r * p.w + s;
      }
    }
  }
  y[i] = largest;
  positions[i] = at;
}
EXPORT_KERNEL(max_pool, 256)

KERNEL(256) max_pool_grad(const float *dy, const int *positions, float *dx, int size, const Pool p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  Place o(i, p.h, p.w, p.c);
  Range rows = windows(o.row, p.strideH, p.padTop, p.kernelH, p.outH), columns = windows(o.column, p.strideW, p.padLeft, p.kernelW, p.outW);
  float sum = 0;
  for (int r = rows.from; r < rows.end; r++) {
    for (int s = columns.from; s < columns.end; s++) {
      long long k = (((long long)o.image * p.outH + r) * p.outW + s) * p.c + o.channel;
      if (positions[k] == o.row * p.w + o.column) sum += dy[k];
    }
  }
  dx[i] = sum;
}
EXPORT_KERNEL(max_pool_grad, 256)

KERNEL(256) average_pool(const float *x, float *y, int size, const Pool p, int countPadding) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  Place o(i, p.outH, p.outW, p.c);
  Range rows = window(o.row, p.strideH, p.padTop, p.kernelH, p.h), columns = window(o.column, p.strideW, p.padLeft, p.kernelW, p.w);
  const float *from = x + (long long)o.image * p.h * p.w * p.c + o.channel;
  float sum = 0;
  for (int r = rows.from; r < rows.end; r++) {
    for (int s = columns.from; s < columns.end; s++) sum += from[((long long)r * p.w + s) * p.c];
  }
  int count = countPadding ? p.kernelH * p.kernelW : (rows.end - rows.from) * (columns.end - columns.from);
  y[i] = sum / count;
}
EXPORT_KERNEL(average_pool, 256)

KERNEL(256) average_pool_grad(const float *dy, float *dx, int size, const Pool p, int countPadding) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  Place o(i, p.h, p.w, p.c);
  Range rows = windows(o.row, p.strideH, p.padTop, p.kernelH, p.outH), columns = windows(o.column, p.strideW, p.padLeft, p.kernelW, p.outW);
  float sum = 0;
  for (int r = rows.from; r < rows.end; r++) {
    Range down = window(r, p.strideH, p.padTop, p.kernelH, p.h);
    for (int s = columns.from; s < columns.end; s++) {
      Range across = window(s, p.strideW, p.padLeft, p.kernelW, p.w);
      int count = countPadding ? p.kernelH * p.kernelW : (down.end - down.from) * (across.end - across.from);
      sum += dy[(((long long)o.image * p.outH + r) * p.outW + s) * p.c + o.channel] / count;
    }
  }
  dx[i] = sum;
}
EXPORT_KERNEL(average_pool_grad, 256)

// Regions that divide an extent into `parts`: the i-th is from i extent / parts, rounded down, to (i + 1) extent / parts, rounded up.
namespace {
__device__ __forceinline__ Range region(int i, int extent, int parts) {
  return {int((long long)i * extent / parts), int(((long long)(i + 1) * extent + parts - 1) / parts)};
}
// The regions that hold a pixel.
__device__ __forceinline__ Range regions(int pixel, int extent, int parts) {
  return {int((long long)pixel * parts / extent), int(((long long)(pixel + 1) * parts + extent - 1) / extent)};
}
}  // namespace

KERNEL(256) adaptive_average_pool(const float *x, float *y, int size, const Pool p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  Place o(i, p.outH, p.outW, p.c);
  Range rows = region(o.row, p.h, p.outH), columns = region(o.column, p.w, p.outW);
  const float *from = x + (long long)o.image * p.h * p.w * p.c + o.channel;
  float sum = 0;
  for (int r = rows.from; r < rows.end; r++) {
    float ofRow = 0;
    for (int s = columns.from; s < columns.end; s++) ofRow += from[((long long)r * p.w + s) * p.c];
    sum += ofRow;
  }
  y[i] = sum / ((rows.end - rows.from) * (columns.end - columns.from));
}
EXPORT_KERNEL(adaptive_average_pool, 256)

KERNEL(256) adaptive_average_pool_grad(const float *dy, float *dx, int size, const Pool p) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  Place o(i, p.h, p.w, p.c);
  Range rows = regions(o.row, p.h, p.outH), columns = regions(o.column, p.w, p.outW);
  float sum = 0;
  for (int r = rows.from; r < rows.end; r++) {
    Range down = region(r, p.h, p.outH);
    for (int s = columns.from; s < columns.end; s++) {
      Range across = region(s, p.w, p.outW);
      sum += dy[(((long long)o.image * p.outH + r) * p.outW + s) * p.c + o.channel] / ((down.end - down.from) * (across.end - across.from));
    }
  }
  dx[i] = sum;
}
EXPORT_KERNEL(adaptive_average_pool_grad, 256)
