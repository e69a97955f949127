// Activation functions and their gradients, one kernel each: y = f(x) and dx = dy f'(saved).
//
// Grid: ELEMENT_VECTOR elements a work-item, see common.cl. Memory bounds the simple functions; on a
// CPU, arithmetic bounds those with an exponential.
//
// For other kernels, at the end of whose sums an activation stands, there is
//
//   activate(kind, alpha, x)    and activate4, activate8, activate16 for vectors
//
// with a kind of Activation.Kind: ACTIVATION_IDENTITY, ACTIVATION_RELU and so on, numbers that
// KernelSource defines. A kind that is a constant leaves only its function in the kernel.

#define ACTIVATIONS(floats, width)                                                                    \
  /* By the exponential of -|x|, which cannot overflow. */                                            \
  static inline floats sigmoid##width(floats x) {                                                     \
    floats decay = exp(-fabs(x));                                                                     \
    return (x < 0 ? decay : (floats)(1)) / (1 + decay);                                               \
  }                                                                                                   \
                                                                                                      \
  /* The normal distribution function; 1 + erf(x) would lose the digits left of 0. */                 \
  static inline floats normal_cdf##width(floats x) {                                                  \
    return 0.5f * erfc(-0.70710678f * x);                                                             \
  }                                                                                                   \
                                                                                                      \
  /* x s for a function s that vanishes on the left, also where x is minus infinity and s is 0. */    \
  static inline floats times_vanishing##width(floats x, floats s) {                                   \
    return s * fmax(x, -110.0f);                                                                      \
  }                                                                                                   \
                                                                                                      \
  static inline floats activate##width(int kind, float alpha, floats x) {                             \
    switch (kind) {                                                                                   \
      case ACTIVATION_RELU:                                                                           \
        return x <= 0 ? (floats)(0) : x; /* and NaN stays */                                          \
      case ACTIVATION_LEAKY_RELU:                                                                     \
        return x > 0 ? x : alpha * x;                                                                 \
      case ACTIVATION_ELU:                                                                            \
        return x > 0 ? x : alpha * expm1(x);                                                          \
      case ACTIVATION_SIGMOID:                                                                        \
        return sigmoid##width(x);                                                                     \
      case ACTIVATION_TANH:                                                                           \
        return tanh(x);                                                                               \
      case ACTIVATION_GELU:                                                                           \
        return times_vanishing##width(x, normal_cdf##width(x));                                       \
      case ACTIVATION_SILU:                                                                           \
        return times_vanishing##width(x, sigmoid##width(x));                                          \
      default: /* ACTIVATION_IDENTITY */                                                              \
        return x;                                                                                     \
    }                                                                                                 \
  }                                                                                                   \
                                                                                                      \
  /* f'(x), from y = f(x) or from x as Activation.gradientFromOutput says. */                         \
  static inline floats activation_slope##width(int kind, float alpha, floats saved) {                 \
    switch (kind) {                                                                                   \
      case ACTIVATION_RELU:                                                                           \
        return saved > 0 ? (floats)(1) : (floats)(0);                                                 \
      case ACTIVATION_LEAKY_RELU:                                                                     \
        return saved > 0 ? (floats)(1) : (floats)(alpha);                                             \
      case ACTIVATION_ELU:                                                                            \
        /* With alpha 0 the argument is saved. */                                                     \
        return saved > 0 ? (floats)(1) : alpha == 0 ? (floats)(0) : saved + alpha;                    \
      case ACTIVATION_SIGMOID:                                                                        \
        return saved * (1 - saved);                                                                   \
      case ACTIVATION_TANH:                                                                           \
        return (1 + saved) * (1 - saved);                                                             \
      case ACTIVATION_GELU: {                                                                         \
        floats density = 0.39894228f * exp(-0.5f * saved * saved);                                    \
        return fma(clamp(saved, -20.0f, 20.0f), density, normal_cdf##width(saved));                   \
      }                                                                                               \
      case ACTIVATION_SILU: {                                                                         \
        floats s = sigmoid##width(saved);                                                             \
        return s * fma(clamp(saved, -110.0f, 110.0f), sigmoid##width(-saved), (floats)(1));           \
      }                                                                                               \
      default: /* ACTIVATION_IDENTITY */                                                              \
        return (floats)(1);                                                                           \
    }                                                                                                 \
  }

ACTIVATIONS(float, )
ACTIVATIONS(float4, 4)
ACTIVATIONS(float8, 8)
ACTIVATIONS(float16, 16)

#define ACTIVATION_KERNELS(name, kind)                                                                \
  kernel void activation_##name(INOUT(float, x), INOUT(float, y), const int n, const float alpha) {  \
    put(PER_ELEMENT(activate)(kind, alpha, get(AT(x), n)), AT(y), n);                                 \
  }                                                                                                   \
                                                                                                      \
  kernel void activation_##name##_grad(INOUT(float, dy), INOUT(float, saved), INOUT(float, dx),       \
                                       const int n, const float alpha) {                              \
    floats slope = PER_ELEMENT(activation_slope)(kind, alpha, get(AT(saved), n));                     \
    put(get(AT(dy), n) * slope, AT(dx), n);                                                           \
  }

ACTIVATION_KERNELS(identity, ACTIVATION_IDENTITY)
ACTIVATION_KERNELS(relu, ACTIVATION_RELU)
ACTIVATION_KERNELS(leaky_relu, ACTIVATION_LEAKY_RELU)
ACTIVATION_KERNELS(elu, ACTIVATION_ELU)
ACTIVATION_KERNELS(sigmoid, ACTIVATION_SIGMOID)
ACTIVATION_KERNELS(tanh, ACTIVATION_TANH)
ACTIVATION_KERNELS(gelu, ACTIVATION_GELU)
ACTIVATION_KERNELS(silu, ACTIVATION_SILU)
