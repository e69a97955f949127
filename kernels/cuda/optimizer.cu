// Steps of optimizers, each in one pass over its tensors; see OptimizerOp for the formulas and their sources. Memory bounds them.
// Grid: a pack (pack.cuh) a thread.
#include "pack.cuh"

namespace wide {

template <int V>
__device__ __forceinline__ void sgd(float *w, float *v, const float *gradient, int n, float rate, float momentum, int nesterov, float weightDecay) {
  const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x));
  if (i >= n) return;
  Pack<V> x = Pack<V>::load(w + i), g = Pack<V>::load(gradient + i);
  g = each(x, g, [=](float a, float b) { return fmaf(weightDecay, a, b); });
  if (momentum != 0) {
    Pack<V> velocity = each(Pack<V>::load(v + i), g, [=](float a, float b) { return fmaf(momentum, a, b); });
    velocity.store(v + i);
    g = nesterov ? each(velocity, g, [=](float a, float b) { return fmaf(momentum, a, b); }) : velocity;
  }
  each(x, g, [=](float a, float b) { return a - rate * b; }).store(w + i);
}

// correction1 and 2: 1 - beta^step.
template <int V>
__device__ __forceinline__ void adam(float *w, float *m, float *v, const float *gradient, int n, float rate, float beta1, float beta2, float eps,
                                     float weightDecay, int decoupled, float correction1, float correction2) {
  const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x));
  if (i >= n) return;
  Pack<V> x = Pack<V>::load(w + i), g = Pack<V>::load(gradient + i), first = Pack<V>::load(m + i), second = Pack<V>::load(v + i);
#pragma unroll
  for (int k = 0; k < V; k++) {
    float slope = decoupled ? g.of[k] : fmaf(weightDecay, x.of[k], g.of[k]), from = x.of[k];
    first.of[k] = fmaf(beta1, first.of[k], (1 - beta1) * slope);
    second.of[k] = fmaf(beta2, second.of[k], (1 - beta2) * slope * slope);
    if (decoupled) from -= rate * weightDecay * from;
    x.of[k] = from - rate * (first.of[k] / correction1) / (sqrtf(second.of[k] / correction2) + eps);
  }
  first.store(m + i);
  second.store(v + i);
  x.store(w + i);
}

}  // namespace wide

WIDTHS(KERNEL, 256, sgd, (float *w, float *v, const float *gradient, int n, float rate, float momentum, int nesterov, float weightDecay),
       (w, v, gradient, n, rate, momentum, nesterov, weightDecay))
WIDTHS(KERNEL, 256, adam,
       (float *w, float *m, float *v, const float *gradient, int n, float rate, float beta1, float beta2, float eps, float weightDecay,
        int decoupled, float correction1, float correction2),
       (w, m, v, gradient, n, rate, beta1, beta2, eps, weightDecay, decoupled, correction1, correction2))
