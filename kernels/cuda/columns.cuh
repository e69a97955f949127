// Rows of columns, reduced over the rows by blocks in which threads along x hold neighbouring columns, and threads along y different rows.
#pragma once
#include "pack.cuh"

namespace columns {

// The first column of the thread's pack.
template <int V> __device__ __forceinline__ int first() { return int(blockIdx.x * blockDim.x + threadIdx.x) * V; }

// Combines what the threads of a column hold; those with threadIdx.y = 0 get the result. blockDim.y is a power of two, and `shared` has
// a place for each thread. The order follows from the shape of the block alone.
template <class T, class F> __device__ __forceinline__ T combined(T mine, T *shared, F combine) {
  const int at = threadIdx.y * blockDim.x + threadIdx.x;
  // What was combined before may still be read.
  __syncthreads();
  shared[at] = mine;
  for (int half = blockDim.y / 2; half > 0; half /= 2) {
    __syncthreads();
    if (int(threadIdx.y) < half) {
      mine = combine(mine, shared[at + half * blockDim.x]);
      shared[at] = mine;
    }
  }
  return mine;
}

template <int V> __device__ __forceinline__ Pack<V> sum(Pack<V> mine, Pack<V> *shared) {
  return combined(mine, shared, [](Pack<V> a, Pack<V> b) { return a + b; });
}

// The sum of a column of a matrix in blocks of 32 columns by 32 rows: how the segments of another kernel's sums are joined.
// Threads with threadIdx.y = 0 get it.
__device__ __forceinline__ float sumOfRows(const float *matrix, int rows, int width, int column) {
  SHARED(float, ofRows, [1024]);
  float v = 0;
  if (column < width) {
    for (int r = threadIdx.y; r < rows; r += 32) v += matrix[(long long)r * width + column];
  }
  return combined(v, &ofRows[0], [](float a, float b) { return a + b; });
}

}  // namespace columns
