// Activation functions and their gradients, one kernel each: y = f(x) and dx = dy f'(saved), saved being x or y as
// Activation.gradientFromOutput says. Memory bounds them. Grid: four elements a thread.
#include "activation.cuh"
#include "elements.cuh"

#define ACTIVATION(name, KIND)                                                                                                          \
  KERNEL(256) activation_##name(const float *x, float *y, int n, float alpha) {                                                         \
    elements::map(y, n, [=](float v) { return activation::apply(activation::KIND, alpha, v); }, x);                                     \
  }                                                                                                                                     \
  EXPORT_KERNEL(activation_##name, 256)                                                                                                 \
  KERNEL(256) activation_##name##_grad(const float *dy, const float *saved, float *dx, int n, float alpha) {                            \
    elements::map(dx, n, [=](float d, float v) { return d * activation::slope(activation::KIND, alpha, v); }, dy, saved);               \
  }                                                                                                                                     \
  EXPORT_KERNEL(activation_##name##_grad, 256)
ACTIVATION(identity, IDENTITY)
ACTIVATION(relu, RELU)
ACTIVATION(leaky_relu, LEAKY_RELU)
ACTIVATION(elu, ELU)
ACTIVATION(sigmoid, SIGMOID)
ACTIVATION(tanh, TANH)
ACTIVATION(gelu, GELU)
ACTIVATION(silu, SILU)
