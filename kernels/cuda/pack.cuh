// Neighbours that a thread moves together: one, or four in 16 bytes, so that a warp moves 512 bytes at a time. Kernels that come in both
// widths are named name_1 and name_4; Java's Width says where four fit: extents and addresses are multiples of them there.
#pragma once
#include "gpu.cuh"

template <int N, class T = float> struct alignas(N * sizeof(T)) Pack {
  T of[N];

  __device__ __forceinline__ static Pack load(const T *p) { return *reinterpret_cast<const Pack *>(p); }
  __device__ __forceinline__ void store(T *p) const { *reinterpret_cast<Pack *>(p) = *this; }
  __device__ __forceinline__ static Pack filled(T v) {
    Pack p;
#pragma unroll
    for (int k = 0; k < N; k++) p.of[k] = v;
    return p;
  }
};

// f of each element, and of the elements of two packs.
template <int N, class F> __device__ __forceinline__ Pack<N> each(Pack<N> a, F f) {
#pragma unroll
  for (int k = 0; k < N; k++) a.of[k] = f(a.of[k]);
  return a;
}
template <int N, class F> __device__ __forceinline__ Pack<N> each(Pack<N> a, Pack<N> b, F f) {
#pragma unroll
  for (int k = 0; k < N; k++) a.of[k] = f(a.of[k], b.of[k]);
  return a;
}
template <int N> __device__ __forceinline__ Pack<N> operator+(Pack<N> a, Pack<N> b) {
  return each(a, b, [](float p, float q) { return p + q; });
}

// Both widths of a kernel: WIDTHS(KERNEL, threads, name, (parameters), (arguments)) calls name<width>(arguments) of namespace `wide`. The first
// is KERNEL or PRODUCT_KERNEL.
#define WIDTHS(KIND, threads, name, parameters, arguments)                                        \
  KIND(threads) name##_1 parameters { wide::name<1> arguments; }                          \
  EXPORT_KERNEL(name##_1, threads)                                                          \
  KIND(threads) name##_4 parameters { wide::name<4> arguments; }                          \
  EXPORT_KERNEL(name##_4, threads)
