// Convolutions in which each input channel has filters of its own: filter f belongs to channel f / multiplier. Weights are read as
// (kernel positions, filters), so that neighbouring threads, which have neighbouring filters, read neighbouring weights. Memory bounds it.
// Kernels named _4 are for multiplier 1.
//
// Grids: COLUMNS neighbouring pixels of a pack of filters a thread, or of the gradient for data a pack, channels first; for the weights' gradient
// x columns of filters, y segments of the pixels (columns.cuh), z kernel positions where a block has one.
#include "columns.cuh"
#include "store.cuh"

struct Depthwise { int n, h, w, c, kernelH, kernelW, strideH, strideW, padTop, padLeft, dilationH, dilationW, outH, outW, multiplier; };

// w (filters, positions) to t (positions, filters).
KERNEL(256) depthwise_weights(const float *w, float *t, int n, int filters, int positions) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < n) t[i] = w[i % filters * positions + i / filters];
}
EXPORT_KERNEL(depthwise_weights, 256)

namespace {

// Pixels of a row that a thread computes: the weights are read once for all of them.
constexpr int COLUMNS = 4;

template <int V> __device__ __forceinline__ Pack<V> plus(Pack<V> sum, Pack<V> a, Pack<V> b) {
#pragma unroll
  for (int k = 0; k < V; k++) sum.of[k] = fmaf(a.of[k], b.of[k], sum.of[k]);
  return sum;
}

}  // namespace

namespace wide {

// `flipped`: with the kernel turned by 180 degrees, as the gradient for data wants it where the stride is 1.
template <int V>
__device__ __forceinline__ void depthwise(const float *x, const float *w, float *y, int threads, const Depthwise g, const Epilogue e, int flipped) {
  const int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  const int filters = g.c * g.multiplier, packs = filters / V, across = (g.outW + COLUMNS - 1) / COLUMNS;
  const int f = i % packs * V, place = i / packs, q = place % across * COLUMNS, rest = place / across, p = rest % g.outH, image = rest / g.outH;
  const float *from = x + (long long)image * g.h * g.w * g.c + (V == 1 ? f / g.multiplier : f);
  const int last = flipped ? g.kernelH * g.kernelW - 1 : 0, step = flipped ? -filters : filters;
  const float *weights = w + last * filters + f;
  Pack<V> sum[COLUMNS];
#pragma unroll
  for (int j = 0; j < COLUMNS; j++) sum[j] = Pack<V>::filled(0);
  for (int a = 0; a < g.kernelH; a++) {
    int row = p * g.strideH - g.padTop + a * g.dilationH;
    if (unsigned(row) >= unsigned(g.h)) continue;
    for (int b = 0; b < g.kernelW; b++) {
      const Pack<V> weight = Pack<V>::load(weights + (a * g.kernelW + b) * step);
      const int left = q * g.strideW - g.padLeft + b * g.dilationW;
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        int column = left + j * g.strideW;
        if (unsigned(column) < unsigned(g.w)) sum[j] = plus(sum[j], Pack<V>::load(from + ((long long)row * g.w + column) * g.c), weight);
      }
    }
  }
  const Pack<V> bias = e.bias ? Pack<V>::load(e.bias + f) : Pack<V>::filled(0);
#pragma unroll
  for (int j = 0; j < COLUMNS; j++) {
    if (q + j >= g.outW) break;
    const long long to = (((long long)image * g.outH + p) * g.outW + q + j) * filters + f;
    const Pack<V> residual = e.residual ? Pack<V>::load(e.residual + to) : Pack<V>::filled(0);
#pragma unroll
    for (int k = 0; k < V; k++) {
      float v = sum[j].of[k] + bias.of[k] + residual.of[k];
      sum[j].of[k] = e.kind == activation::IDENTITY ? v : activation::applied(e.kind, e.alpha, v);
    }
    sum[j].store(y + to);
  }
}

template <int V> __device__ __forceinline__ void depthwise_data(const float *dy, const float *w, float *dx, int threads, const Depthwise g) {
  const int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= threads) return;
  const int filters = g.c * g.multiplier, packs = g.c / V;
  const int c = i % packs * V, pixel = i / packs, column = pixel % g.w, rest = pixel / g.w, row = rest % g.h, image = rest / g.h;
  Pack<V> sum = Pack<V>::filled(0);
  for (int a = 0; a < g.kernelH; a++) {
    int down = row + g.padTop - a * g.dilationH, p = down / g.strideH;
    if (down < 0 || down % g.strideH != 0 || p >= g.outH) continue;
    for (int b = 0; b < g.kernelW; b++) {
      int across = column + g.padLeft - b * g.dilationW, q = across / g.strideW;
      if (across < 0 || across % g.strideW != 0 || q >= g.outW) continue;
      const float *from = dy + (((long long)image * g.outH + p) * g.outW + q) * filters + c * g.multiplier;
      const float *weights = w + (a * g.kernelW + b) * filters + c * g.multiplier;
      for (int m = 0; m < (V == 1 ? g.multiplier : 1); m++) sum = plus(sum, Pack<V>::load(from + m), Pack<V>::load(weights + m));
    }
  }
  sum.store(dx + (long long)i * V);
}

}  // namespace wide

WIDTHS(PRODUCT_KERNEL, 256, depthwise, (const float *x, const float *w, float *y, int threads, const Depthwise g, const Epilogue e, int flipped),
       (x, w, y, threads, g, e, flipped))
WIDTHS(PRODUCT_KERNEL, 256, depthwise_data, (const float *dy, const float *w, float *dx, int threads, const Depthwise g), (dy, w, dx, threads, g))

// parts: (segments, positions, filters). K x K positions a block: all of the kernel, which reads dy once, or with K = 1 that of blockIdx.z.
template <int V, int K>
__device__ __forceinline__ void depthwiseWeightParts(const float *x, const float *dy, float *parts, const Depthwise &g, int segment) {
  SHARED(Pack<V>, of, [256]);
  const int filters = g.c * g.multiplier, f = columns::first<V>(), a0 = K == 1 ? blockIdx.z / g.kernelW : 0, b0 = K == 1 ? blockIdx.z % g.kernelW : 0;
  const int end = min(g.n * g.outH * g.outW, int(blockIdx.y + 1) * segment);
  Pack<V> sum[K * K];
#pragma unroll
  for (int i = 0; i < K * K; i++) sum[i] = Pack<V>::filled(0);
  if (f < filters) {
    const float *channel = x + (V == 1 ? f / g.multiplier : f);
    for (int i = blockIdx.y * segment + threadIdx.y; i < end; i += blockDim.y) {
      const int q = i % g.outW, rest = i / g.outW, p = rest % g.outH, image = rest / g.outH;
      const int top = p * g.strideH - g.padTop, left = q * g.strideW - g.padLeft;
      const Pack<V> d = Pack<V>::load(dy + (long long)i * filters + f);
#pragma unroll
      for (int a = 0; a < K; a++) {
        const int row = top + (a0 + a) * g.dilationH;
#pragma unroll
        for (int b = 0; b < K; b++) {
          const int column = left + (b0 + b) * g.dilationW;
          if (unsigned(row) < unsigned(g.h) && unsigned(column) < unsigned(g.w)) {
            sum[a * K + b] = plus(sum[a * K + b], Pack<V>::load(channel + (((long long)image * g.h + row) * g.w + column) * g.c), d);
          }
        }
      }
    }
  }
#pragma unroll
  for (int i = 0; i < K * K; i++) {
    Pack<V> all = columns::sum<V>(sum[i], &of[0]);
    int position = K == 1 ? blockIdx.z : i;
    if (threadIdx.y == 0 && f < filters) all.store(parts + ((long long)blockIdx.y * g.kernelH * g.kernelW + position) * filters + f);
  }
}

#define WEIGHT_PARTS(name, V, K)                                                                                    \
  KERNEL(256) name(const float *x, const float *dy, float *parts, const Depthwise g, int segment) {                 \
    depthwiseWeightParts<V, K>(x, dy, parts, g, segment);                                                           \
  }                                                                                                                 \
  EXPORT_KERNEL(name, 256)
WEIGHT_PARTS(depthwise_weight_parts_1, 1, 1)
WEIGHT_PARTS(depthwise_weight_parts_4, 4, 1)
WEIGHT_PARTS(depthwise_weight_parts_3x3_1, 1, 3)
WEIGHT_PARTS(depthwise_weight_parts_3x3_4, 4, 3)

// The parts added, to dw (filters, positions). Grid: blocks of 32 columns, which are positions and filters, by 32 rows of segments.
KERNEL(1024) depthwise_weight_join(const float *parts, float *dw, int filters, int positions, int segments) {
  const int column = columns::first<1>();
  float sum = columns::sumOfRows(parts, segments, filters * positions, column);
  if (threadIdx.y == 0 && column < filters * positions) dw[column % filters * positions + column / filters] = sum;
}
EXPORT_KERNEL(depthwise_weight_join, 1024)
