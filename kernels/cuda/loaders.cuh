// Where the factors of a tiled product come from. A product C[m][n] = sum over k of A[m][k] B[n][k] reads its factors in steps of some
// k at a time, in pieces of four neighbouring floats: along k where k is the inner axis in memory ("rows"), else along m or n ("columns").
//
// Each thread of a block owns LOADS pieces of a step: for rows, the pieces `piece` of rows first, first + step, ...; for columns, the
// pieces `piece` of the k first, first + step, .... A loader is told so by begin(), gives the address of each by source(), with how many
// of its 16 bytes exist (the rest counts as 0), and next() takes it one step further along k. Addresses are aligned to 16 bytes.
#pragma once
#include "gpu.cuh"

namespace tile {

// A matrix with k inside: element (row, k) at p[row * pitch + k].
template <int LOADS, int K_STEP> struct MatrixRows {
  const float *p;
  int rows, depth;
  long long pitch;
  int first, step, k;

  __device__ __forceinline__ void begin(int first_, int step_, int piece, int k0) {
    first = first_;
    step = step_;
    k = k0 + 4 * piece;
  }
  __device__ __forceinline__ const float *source(int load, int &bytes) const {
    int row = first + load * step;
    int left = row < rows ? depth - k : 0;
    bytes = left >= 4 ? 16 : left > 0 ? 4 * left : 0;
    return bytes ? p + row * pitch + k : p;
  }
  __device__ __forceinline__ void next() { k += K_STEP; }
};

// A matrix with k outside: element (k, column) at p[k * pitch + column].
template <int LOADS, int K_STEP> struct MatrixColumns {
  const float *p;
  int columns, depth;
  long long pitch;
  int first, step, column;

  __device__ __forceinline__ void begin(int first_, int step_, int column_, int k0) {
    first = k0 + first_;
    step = step_;
    column = column_;
  }
  __device__ __forceinline__ const float *source(int load, int &bytes) const {
    int k = first + load * step;
    int left = k < depth ? columns - column : 0;
    bytes = left >= 4 ? 16 : left > 0 ? 4 * left : 0;
    return bytes ? p + k * pitch + column : p;
  }
  __device__ __forceinline__ void next() { first += K_STEP; }
};

}  // namespace tile
