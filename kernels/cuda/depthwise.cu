// Convolutions in which each input channel has filters of its own: filter f belongs to channel f / multiplier. Weights are read as
// (kernel positions, filters), so that neighbouring threads, which have neighbouring filters, read neighbouring weights. Memory bounds it.
//
// Grids: an element of the result a thread, channels first; for the weights' gradient x 32 filters, y segments of the pixels, z kernel
// positions, in blocks of 32 x 8 threads.
#include "store.cuh"

struct Depthwise { int n, h, w, c, kernelH, kernelW, strideH, strideW, padTop, padLeft, dilationH, dilationW, outH, outW, multiplier; };

// w (filters, positions) to t (positions, filters).
KERNEL(256) depthwise_weights(const float *w, float *t, int n, int filters, int positions) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < n) t[i] = w[i % filters * positions + i / filters];
}
EXPORT_KERNEL(depthwise_weights, 256)

KERNEL(256) depthwise(const float *x, const float *w, float *y, int size, const Depthwise g, const Epilogue e) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  const int filters = g.c * g.multiplier;
  int f = i % filters, pixel = i / filters, q = pixel % g.outW, rest = pixel / g.outW, p = rest % g.outH, image = rest / g.outH;
  const float *from = x + (long long)image * g.h * g.w * g.c + f / g.multiplier;
  float sum = 0;
  for (int a = 0; a < g.kernelH; a++) {
    int row = p * g.strideH - g.padTop + a * g.dilationH;
    if (unsigned(row) >= unsigned(g.h)) continue;
    for (int b = 0; b < g.kernelW; b++) {
      int column = q * g.strideW - g.padLeft + b * g.dilationW;
      if (unsigned(column) < unsigned(g.w)) sum = fmaf(from[((long long)row * g.w + column) * g.c], w[(a * g.kernelW + b) * filters + f], sum);
    }
  }
  if (e.bias) sum += e.bias[f];
  if (e.residual) sum += e.residual[i];
  y[i] = activation::apply(e.kind, e.alpha, sum);
}
EXPORT_KERNEL(depthwise, 256)

KERNEL(256) depthwise_data(const float *dy, const float *w, float *dx, int size, const Depthwise g) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= size) return;
  const int filters = g.c * g.multiplier;
  int c = i % g.c, pixel = i / g.c, column = pixel % g.w, rest = pixel / g.w, row = rest % g.h, image = rest / g.h;
  float sum = 0;
  for (int a = 0; a < g.kernelH; a++) {
    int down = row + g.padTop - a * g.dilationH, p = down / g.strideH;
    if (down < 0 || down % g.strideH != 0 || p >= g.outH) continue;
    for (int b = 0; b < g.kernelW; b++) {
      int across = column + g.padLeft - b * g.dilationW, q = across / g.strideW;
      if (across < 0 || across % g.strideW != 0 || q >= g.outW) continue;
      const float *from = dy + (((long long)image * g.outH + p) * g.outW + q) * filters + c * g.multiplier;
      const float *weights = w + (a * g.kernelW + b) * filters + c * g.multiplier;
      for (int m = 0; m < g.multiplier; m++) sum = fmaf(from[m], weights[m], sum);
    }
  }
  dx[i] = sum;
}
EXPORT_KERNEL(depthwise_data, 256)

// parts: (segments, positions, filters).
KERNEL(256) depthwise_weight_parts(const float *x, const float *dy, float *parts, const Depthwise g, int segment) {
  SHARED(float, of, [8][32]);
  const int filters = g.c * g.multiplier, f = blockIdx.x * 32 + threadIdx.x, a = blockIdx.z / g.kernelW, b = blockIdx.z % g.kernelW;
  const int pixels = g.n * g.outH * g.outW, end = min(pixels, int(blockIdx.y + 1) * segment);
  float sum = 0;
  if (f < filters) {
    for (int k = blockIdx.y * segment + threadIdx.y; k < end; k += 8) {
      int q = k % g.outW, rest = k / g.outW, p = rest % g.outH, image = rest / g.outH;
      int row = p * g.strideH - g.padTop + a * g.dilationH, column = q * g.strideW - g.padLeft + b * g.dilationW;
      if (unsigned(row) < unsigned(g.h) && unsigned(column) < unsigned(g.w)) {
        float v = x[(((long long)image * g.h + row) * g.w + column) * g.c + f / g.multiplier];
        sum = fmaf(v, dy[(long long)k * filters + f], sum);
      }
    }
  }
  of[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || f >= filters) return;
  for (int i = 1; i < 8; i++) sum += of[i][threadIdx.x];
  parts[((long long)blockIdx.y * gridDim.z + blockIdx.z) * filters + f] = sum;
}
EXPORT_KERNEL(depthwise_weight_parts, 256)

// The parts added in order, to dw (filters, positions).
KERNEL(256) depthwise_weight_join(const float *parts, float *dw, int n, int filters, int positions, int segments) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= n) return;
  int f = i / positions, position = i % positions;
  float sum = 0;
  for (int s = 0; s < segments; s++) sum += parts[((long long)s * positions + position) * filters + f];
  dw[i] = sum;
}
EXPORT_KERNEL(depthwise_weight_join, 256)
