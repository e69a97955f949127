// Threads that work on a row together: a warp, or a block of 256. What they combine is combined in an order that depends on nothing.
#pragma once
#include "pack.cuh"

namespace group {

struct Sum {
  __device__ __forceinline__ static float identity() { return 0; }
  __device__ __forceinline__ static float of(float a, float b) { return a + b; }
};
// The larger, or NaN where either is.
struct Max {
  __device__ __forceinline__ static float identity() { return -INFINITY; }
  __device__ __forceinline__ static float of(float a, float b) { return b > a || b != b ? b : a; }
};

// Combines a number of each lane; every lane gets the result.
template <class C> __device__ __forceinline__ float acrossWarp(float v) {
  for (int step = 16; step > 0; step /= 2) v = C::of(v, __shfl_xor_sync(0xffffffffu, v, step));
  return v;
}

template <int THREADS> struct Group;
template <> struct Group<32> {
  static constexpr int ROWS = 8;  // a block of 256 threads has so many groups
  __device__ __forceinline__ static int row() { return int(blockIdx.x) * ROWS + int(threadIdx.x) / 32; }
  __device__ __forceinline__ static int member() { return threadIdx.x % 32; }
  template <class C> __device__ __forceinline__ static float combined(float v) { return acrossWarp<C>(v); }
};
template <> struct Group<256> {
  static constexpr int ROWS = 1;
  __device__ __forceinline__ static int row() { return blockIdx.x; }
  __device__ __forceinline__ static int member() { return threadIdx.x; }
  template <class C> __device__ __forceinline__ static float combined(float v) {
    SHARED(float, ofWarps, [8]);
    v = acrossWarp<C>(v);
    // What was combined before may still be read.
    __syncthreads();
    if (threadIdx.x % 32 == 0) ofWarps[threadIdx.x / 32] = v;
    __syncthreads();
    float all = ofWarps[0];
    for (int i = 1; i < 8; i++) all = C::of(all, ofWarps[i]);
    return all;
  }
};

// Combines f(i), V neighbours from i on, for all such i below n, which is a multiple of V.
template <int THREADS, class C, int V, class F> __device__ __forceinline__ float overRow(int n, F f) {
  Pack<V> v = Pack<V>::filled(C::identity());
  for (int i = Group<THREADS>::member() * V; i < n; i += THREADS * V) v = each(v, f(i), C::of);
#pragma unroll
  for (int k = 1; k < V; k++) v.of[0] = C::of(v.of[0], v.of[k]);
  return Group<THREADS>::template combined<C>(v.of[0]);
}

}  // namespace group
