// Softmax of a row by a group of threads, in packs of V.
#pragma once
#include "group.cuh"

namespace softmax {

struct Row { float max, sum; };

// Its maximum, and the sum of exp(x - max).
template <int THREADS, int V> __device__ __forceinline__ Row of(const float *x, int n) {
  float max = group::overRow<THREADS, group::Max, V>(n, [=](int i) { return Pack<V>::load(x + i); });
  float sum = group::overRow<THREADS, group::Sum, V>(n, [=](int i) {
    return each(Pack<V>::load(x + i), [=](float v) { return expf(v - max); });
  });
  return {max, sum};
}

// Calls f(i) for the first of each of the thread's packs.
template <int THREADS, int V, class F> __device__ __forceinline__ void packs(int n, F f) {
  for (int i = group::Group<THREADS>::member() * V; i < n; i += THREADS * V) f(i);
}

}  // namespace softmax
