// Steps of optimizers, each in one pass over its tensors; see OptimizerOp for the formulas and their sources. Memory bounds them.
// Grid: an element a thread.
#include "gpu.cuh"

KERNEL(256) sgd(float *w, float *v, const float *gradient, int n, float rate, float momentum, int nesterov, float weightDecay) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= n) return;
  float g = fmaf(weightDecay, w[i], gradient[i]);
  if (momentum != 0) {
    float velocity = fmaf(momentum, v[i], g);
    v[i] = velocity;
    g = nesterov ? fmaf(momentum, velocity, g) : velocity;
  }
  w[i] -= rate * g;
}
EXPORT_KERNEL(sgd, 256)

// correction1 and 2: 1 - beta^step.
KERNEL(256) adam(float *w, float *m, float *v, const float *gradient, int n, float rate, float beta1, float beta2, float eps, float weightDecay,
                 int decoupled, float correction1, float correction2) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= n) return;
  float x = w[i];
  float g = decoupled ? gradient[i] : fmaf(weightDecay, x, gradient[i]);
  float first = fmaf(beta1, m[i], (1 - beta1) * g), second = fmaf(beta2, v[i], (1 - beta2) * g * g);
  m[i] = first;
  v[i] = second;
  if (decoupled) x -= rate * weightDecay * x;
  w[i] = x - rate * (first / correction1) / (sqrtf(second / correction2) + eps);
}
EXPORT_KERNEL(adam, 256)
