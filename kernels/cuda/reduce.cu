// Sums and maxima over axes, their positions, and the gradient of the maximum.
//
// An axis that is reduced, with what lies outside and inside of it, makes x an array [outer, extent, inner]. Long axes are cut into
// segments, whose results another launch reduces; segments follow from the shape, so the bits do too.
//
//   reduce_rows     inner = 1: a warp a segment. Grid: eight results a block
//   reduce_columns  a block takes columns of a segment (columns.cuh). Grid: x columns, y segments, z outer
//
// Memory bounds all of it.
#include "columns.cuh"
#include "elements.cuh"
#include "group.cuh"

template <class C, int V>
__device__ __forceinline__ void reduceRows(const float *x, float *y, int results, int length, int segments, int segment, float scale) {
  int i = group::Group<32>::row();
  if (i >= results) return;
  int from = i % segments * segment;
  const float *row = x + (long long)(i / segments) * length + from;
  float v = group::overRow<32, C, V>(min(segment, length - from), [=](int k) { return Pack<V>::load(row + k); });
  if (threadIdx.x % 32 == 0) y[i] = v * scale;
}

template <class C, int V> __device__ __forceinline__ void reduceColumns(const float *x, float *y, int extent, int inner, int segment, float scale) {
  SHARED(Pack<V>, part, [256]);
  const int column = columns::first<V>(), from = blockIdx.y * segment, end = min(extent, from + segment);
  const float *p = x + (long long)blockIdx.z * extent * inner + column;
  Pack<V> v = Pack<V>::filled(C::identity());
  if (column < inner) {
#pragma unroll 4
    for (int r = from + threadIdx.y; r < end; r += blockDim.y) v = each(v, Pack<V>::load(p + (long long)r * inner), C::of);
  }
  v = columns::combined(v, &part[0], [](Pack<V> a, Pack<V> b) { return each(a, b, C::of); });
  if (threadIdx.y != 0 || column >= inner) return;
  each(v, [=](float of) { return of * scale; }).store(y + ((long long)blockIdx.z * gridDim.y + blockIdx.y) * inner + column);
}

namespace wide {
#define REDUCE(name, C)                                                                                                                        \
  template <int V>                                                                                                                             \
  __device__ __forceinline__ void reduce_rows_##name(const float *x, float *y, int results, int length, int segments, int segment,            \
                                                     float scale) {                                                                            \
    reduceRows<group::C, V>(x, y, results, length, segments, segment, scale);                                                                  \
  }                                                                                                                                            \
  template <int V>                                                                                                                             \
  __device__ __forceinline__ void reduce_columns_##name(const float *x, float *y, int extent, int inner, int segment, float scale) {          \
    reduceColumns<group::C, V>(x, y, extent, inner, segment, scale);                                                                           \
  }
REDUCE(sum, Sum)
REDUCE(max, Max)
}  // namespace wide

#define REDUCTIONS(name)                                                                                                                    \
  WIDTHS(KERNEL, 256, reduce_rows_##name, (const float *x, float *y, int results, int length, int segments, int segment, float scale),             \
         (x, y, results, length, segments, segment, scale))                                                                                 \
  WIDTHS(KERNEL, 256, reduce_columns_##name, (const float *x, float *y, int extent, int inner, int segment, float scale),                          \
         (x, y, extent, inner, segment, scale))
REDUCTIONS(sum)
REDUCTIONS(max)

// Whether b at a later place takes over from a: the larger, NaN being the largest, and the first of equals.
__device__ __forceinline__ bool takesOver(float b, float a) { return a == a && !(b <= a); }

// A warp a row.
KERNEL(256) argmax_rows(const float *x, int *y, int rows, int length) {
  int i = group::Group<32>::row();
  if (i >= rows) return;
  const float *row = x + (long long)i * length;
  float largest = -INFINITY;
  int at = length;
  for (int k = threadIdx.x % 32; k < length; k += 32) {
    if (at == length || takesOver(row[k], largest)) {
      largest = row[k];
      at = k;
    }
  }
  for (int step = 16; step > 0; step /= 2) {
    float other = __shfl_xor_sync(0xffffffffu, largest, step);
    int otherAt = __shfl_xor_sync(0xffffffffu, at, step);
    bool none = otherAt == length, first = otherAt < at;
    bool take = !none && (at == length || (first ? !takesOver(largest, other) : takesOver(other, largest)));
    if (take) {
      largest = other;
      at = otherAt;
    }
  }
  if (threadIdx.x % 32 == 0) y[i] = at;
}
EXPORT_KERNEL(argmax_rows, 256)

// A thread a result of x as [outer, extent, inner].
KERNEL(256) argmax_columns(const float *x, int *y, int results, int extent, int inner) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= results) return;
  const float *column = x + (long long)(i / inner) * extent * inner + i % inner;
  float largest = column[0];
  int at = 0;
  for (int k = 1; k < extent; k++) {
    float v = column[(long long)k * inner];
    if (takesOver(v, largest)) {
      largest = v;
      at = k;
    }
  }
  y[i] = at;
}
EXPORT_KERNEL(argmax_columns, 256)

// 1 where x is the maximum, else 0. The loops step through x and the maxima.
KERNEL(256) mark_maxima(const float *x, const float *largest, float *y, int n, const elements::Loops l) {
  elements::mapLoops(y, n, [](float v, float max) { return v == max || (v != v && max != max) ? 1.0f : 0.0f; }, x, largest, l);
}
EXPORT_KERNEL(mark_maxima, 256)

// dy divided by how many elements share it. Grid: over results.
KERNEL(256) divide_maxima(const float *dy, const float *count, float *y, int n) {
  elements::map(y, n, [](float d, float c) { return d / c; }, dy, count);
}
EXPORT_KERNEL(divide_maxima, 256)
