// Moving elements of 1, 2 or 4 bytes: slices, concatenations, repetitions, other orders of axes, and fills. Memory bounds all of it.
//
//   move_*       an element a thread, stepped through in both tensors by loops (elements.cuh); move_16 moves what comes in pieces of 16 bytes
//   fill_*       fill_16 writes 16 bytes a thread
//   transpose_*  planes in which x's rows are y's columns, in squares of 32 x 32 through shared memory, so that both sides are read and
//                written in whole rows; a row there has an element more than it holds, so that a column's lie in different banks.
//                Grid: x squares, y planes; blocks of 32 x 8 threads
#include "elements.cuh"
#include "pack.cuh"

#define MOVE(size, TYPE)                                                                                                                \
  KERNEL(256) move_##size(const TYPE *x, TYPE *y, int n, const elements::Loops l) {                                                     \
    int i = blockIdx.x * 256 + threadIdx.x;                                                                                             \
    if (i < n) {                                                                                                                        \
      int2 p = l.at(i);                                                                                                                 \
      y[p.y] = x[p.x];                                                                                                                  \
    }                                                                                                                                   \
  }                                                                                                                                     \
  EXPORT_KERNEL(move_##size, 256)
MOVE(16, uint4)

KERNEL(256) fill_16(uint4 *y, int n, int value) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i < n) y[i] = make_uint4(value, value, value, value);
}
EXPORT_KERNEL(fill_16, 256)

#define LAYOUT(size, TYPE)                                                                                                              \
  MOVE(size, TYPE)                                                                                                                      \
  KERNEL(256) fill_##size(TYPE *y, int n, int value) {                                                                                  \
    int i = blockIdx.x * 256 + threadIdx.x;                                                                                             \
    if (i < n) y[i] = (TYPE)value;                                                                                                      \
  }                                                                                                                                     \
  EXPORT_KERNEL(fill_##size, 256)                                                                                                       \
  KERNEL(256) transpose_##size(const TYPE *x, TYPE *y, const elements::Loops planes, int height, int width, int pitchX, int pitchY) {   \
    SHARED(TYPE, square, [32][33]);                                                                                                     \
    const int across = (width + 31) / 32;                                                                                               \
    const int r0 = int(blockIdx.x) / across * 32, c0 = int(blockIdx.x) % across * 32;                                                   \
    const int2 start = planes.at(blockIdx.y);                                                                                           \
    const int i = threadIdx.x;                                                                                                          \
    for (int c = threadIdx.y; c < 32; c += 8) {                                                                                         \
      if (r0 + i < height && c0 + c < width) square[c][i] = x[start.x + (long long)(c0 + c) * pitchX + r0 + i];                         \
    }                                                                                                                                   \
    __syncthreads();                                                                                                                    \
    for (int r = threadIdx.y; r < 32; r += 8) {                                                                                         \
      if (r0 + r < height && c0 + i < width) y[start.y + (long long)(r0 + r) * pitchY + c0 + i] = square[i][r];                         \
    }                                                                                                                                   \
  }                                                                                                                                     \
  EXPORT_KERNEL(transpose_##size, 256)
LAYOUT(1, unsigned char)
LAYOUT(2, unsigned short)
LAYOUT(4, unsigned)

// dy between zeros: rows of `pitch`, of which `width` from `before` on are dy's. Grid: a pack (pack.cuh) a thread.
namespace wide {
template <int V> __device__ __forceinline__ void slice_grad(const float *dy, float *dx, int n, int width, int before, int pitch) {
  const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x));
  if (i >= n) return;
  int row = i / pitch, column = i - row * pitch - before;
  bool inside = column >= 0 && column < width;
  (inside ? Pack<V>::load(dy + row * width + column) : Pack<V>::filled(0)).store(dx + i);
}
}  // namespace wide
WIDTHS(KERNEL, 256, slice_grad, (const float *dy, float *dx, int n, int width, int before, int pitch), (dy, dx, n, width, before, pitch))
