// What kernels that go over elements share: four neighbours a thread, so that a warp moves 512 bytes at a time.
#pragma once
#include "gpu.cuh"

namespace elements {

__device__ __forceinline__ bool aligned(const float *p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }
__device__ __forceinline__ int first() { return 4 * (int(blockIdx.x) * int(blockDim.x) + int(threadIdx.x)); }

// y[i] = f(x[i], ...) for the thread's four elements below n.
template <class F, class... X> __device__ __forceinline__ void map(float *y, int n, F f, X... x) {
  const int i = first();
  if (i + 4 <= n && aligned(y) && (aligned(x) && ...)) {
    auto apply = [&](auto... v) { return make_float4(f(v.x...), f(v.y...), f(v.z...), f(v.w...)); };
    *reinterpret_cast<float4 *>(y + i) = apply(*reinterpret_cast<const float4 *>(x + i)...);
  } else {
    for (int k = i; k < min(i + 4, n); k++) y[k] = f(x[k]...);
  }
}

// Nested loops in which two operands are stepped through: the numbers of Java's Loops. The innermost has an extent and a step for each
// operand; those around it an extent and strides each, outermost first.
constexpr int OUTER = 8;
struct Loops {
  int inner, step[2], outer, extent[OUTER], stride[2][OUTER];

  // Where a run of the innermost loop begins in both operands.
  __device__ __forceinline__ int2 start(int row) const {
    int2 at = make_int2(0, 0);
    // Unrolled, since a loop with an index that is not a constant would have the numbers copied to memory.
#pragma unroll
    for (int k = OUTER - 1; k >= 0; k--) {
      if (k >= outer) continue;
      int outside = row / extent[k], index = row - outside * extent[k];
      at.x += index * stride[0][k];
      at.y += index * stride[1][k];
      row = outside;
    }
    return at;
  }
  // Where an element is in both operands.
  __device__ __forceinline__ int2 at(int i) const {
    int row = i / inner, column = i - row * inner;
    int2 p = start(row);
    return make_int2(p.x + column * step[0], p.y + column * step[1]);
  }
};

// y[i] = f(a at i, b at i) for the thread's four elements below n.
template <class F> __device__ __forceinline__ void mapLoops(float *y, int n, F f, const float *a, const float *b, const Loops &l) {
  const int i = first();
  if (i >= n) return;
  int row = i / l.inner, column = i - row * l.inner;
  if (i + 4 <= n && column + 4 <= l.inner) {
    int2 p = l.start(row);
    const float *pa = a + p.x + column * l.step[0], *pb = b + p.y + column * l.step[1];
    bool wide = aligned(y) && (l.step[0] == 0 || aligned(pa)) && (l.step[1] == 0 || aligned(pb)) && l.step[0] <= 1 && l.step[1] <= 1;
    if (wide) {
      float4 va = l.step[0] ? *reinterpret_cast<const float4 *>(pa) : make_float4(*pa, *pa, *pa, *pa);
      float4 vb = l.step[1] ? *reinterpret_cast<const float4 *>(pb) : make_float4(*pb, *pb, *pb, *pb);
      *reinterpret_cast<float4 *>(y + i) = make_float4(f(va.x, vb.x), f(va.y, vb.y), f(va.z, vb.z), f(va.w, vb.w));
      return;
    }
  }
  for (int k = i; k < min(i + 4, n); k++) {
    int2 p = l.at(k);
    y[k] = f(a[p.x], b[p.y]);
  }
}

}  // namespace elements
