// Softmax of a row by a group of threads.
#pragma once
#include "group.cuh"

namespace softmax {

struct Row { float max, sum; };

// Its maximum, and the sum of exp(x - max).
template <int THREADS> __device__ __forceinline__ Row of(const float *x, int n) {
  float max = group::overRow<THREADS, group::Max>(n, [=](int i) { return x[i]; });
  float sum = group::overRow<THREADS, group::Sum>(n, [=](int i) { return expf(x[i] - max); });
  return {max, sum};
}

template <int THREADS, class F> __device__ __forceinline__ void each(int n, F f) {
  for (int i = group::Group<THREADS>::member(); i < n; i += THREADS) f(i);
}

}  // namespace softmax
