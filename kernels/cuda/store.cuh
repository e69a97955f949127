// Where the sums of a product go, and what is done to them on the way: y = activate(sum + bias + residual).
//
// A thread holds its sums wherever the multiplication put them. They go through shared memory first, some rows of the tile at a time, so
// that neighbouring threads write neighbouring memory, four floats each, and the code of an activation stands in a kernel once.
#pragma once
#include "activation.cuh"
#include "gather.cuh"

// What is added to the sums and applied to them. Bias: a number a column, or null. Residual: laid out as the result, or null.
struct Epilogue {
  const float *bias, *residual;
  int kind;
  float alpha;
};

namespace tile {

// A matrix of `rows` by `columns`.
struct MatrixStore {
  float *y;
  const float *bias;
  int rows, columns;
  long long pitch;
  int m0, n0;

  // Where row i of the tile begins in memory, from y on; below 0 where there is no such row.
  __device__ __forceinline__ long long row(int i) const { return m0 + i < rows ? (m0 + i) * pitch : -1; }
  __device__ __forceinline__ int left(int column) const { return columns - n0 - column; }
  __device__ __forceinline__ bool aligned() const { return pitch % 4 == 0 && reinterpret_cast<uintptr_t>(y) % 16 == 0; }
  __device__ __forceinline__ float *at(long long row, int column) const { return y + row + n0 + column; }
  __device__ __forceinline__ float finished(long long, int column, float sum) const { return bias ? sum + bias[n0 + column] : sum; }
};

// The pixels that a Gather computes; y and the residual begin at the first channel of the group.
struct PixelStore {
  float *y;
  Gather g;
  Epilogue e;
  int m0, n0;

  __device__ __forceinline__ long long row(int i) const {
    int m = m0 + i, q = m % g.columns, rest = m / g.columns, p = rest % g.rows, n = rest / g.rows;
    long long pixel = ((long long)n * g.outH + g.outFirstH + p * g.outStrideH) * g.outW + g.outFirstW + q * g.outStrideW;
    return n < g.images ? pixel * g.outPitch : -1;
  }
  __device__ __forceinline__ int left(int column) const { return g.filters - n0 - column; }
  __device__ __forceinline__ bool aligned() const { return g.outPitch % 4 == 0 && reinterpret_cast<uintptr_t>(y) % 16 == 0; }
  __device__ __forceinline__ float *at(long long row, int column) const { return y + row + n0 + column; }
  __device__ __forceinline__ float finished(long long row, int column, float sum) const {
    if (e.bias) sum += e.bias[n0 + column];
    if (e.residual) sum += e.residual[row + n0 + column];
    return activation::apply(e.kind, e.alpha, sum);
  }
};

// Writes rows of a tile from shared memory, where they lie PITCH floats apart: the r-th is row rowOf(r) of the tile.
template <int ROWS, int COLUMNS, int PITCH, int THREADS, class STORE, class ROW_OF>
__device__ __forceinline__ void writeRows(const float *shared, const STORE &store, ROW_OF rowOf) {
  const bool aligned = store.aligned();
#pragma unroll 1
  for (int i = threadIdx.x; i < ROWS * COLUMNS / 4; i += THREADS) {
    int r = i / (COLUMNS / 4), column = i % (COLUMNS / 4) * 4;
    long long row = store.row(rowOf(r));
    int left = store.left(column);
    if (row < 0 || left <= 0) continue;
    float4 sums = *reinterpret_cast<const float4 *>(shared + r * PITCH + column);
    float *to = store.at(row, column);
    if (aligned && left >= 4) {
      sums.x = store.finished(row, column, sums.x);
      sums.y = store.finished(row, column + 1, sums.y);
      sums.z = store.finished(row, column + 2, sums.z);
      sums.w = store.finished(row, column + 3, sums.w);
      *reinterpret_cast<float4 *>(to) = sums;
    } else {
#pragma unroll 1
      for (int k = 0; k < min(left, 4); k++) to[k] = store.finished(row, column + k, shared[r * PITCH + column + k]);
    }
  }
}

}  // namespace tile
