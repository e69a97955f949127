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
  /* exp(x) - 1 for x of at most 0, with small relative error near 0 too: x = n ln 2 + r, and Cephes' \
     polynomial for exp(r) - 1. Several times as fast as expm1 on a CPU. */                           \
  static inline floats expm1_of_negative##width(floats x) {                                           \
    x = x < -30 ? (floats)(-30) : x;                                                                  \
    floats n = rint(1.44269504f * x);                                                                 \
    floats r = fma(n, (floats)(2.12194440e-4f), fma(n, (floats)(-0.693359375f), x));                  \
    floats p = fma((floats)(1.9875691500e-4f), r, (floats)(1.3981999507e-3f));                        \
    p = fma(p, r, (floats)(8.3334519073e-3f));                                                        \
    p = fma(p, r, (floats)(4.1665795894e-2f));                                                        \
    p = fma(p, r, (floats)(1.6666665459e-1f));                                                        \
    p = fma(p, r, (floats)(5.0000001201e-1f));                                                        \
    floats scale = as_float##width((convert_int##width(n) + 127) << 23);                              \
    return fma(scale, fma(p * r, r, r), scale - 1);                                                   \
  }                                                                                                   \
                                                                                                      \
  /* exp(-x^2 / 2). For large x the rounding of the square would spoil it: that goes into a factor. */\
  static inline floats gauss##width(floats x) {                                                       \
    floats a = fmin(fabs(x), 20.0f);                                                                  \
    floats square = a * a;                                                                            \
    floats g = exp(-0.5f * square);                                                                   \
    return fma(-0.5f * fma(a, a, -square), g, g);                                                     \
  }                                                                                                   \
                                                                                                      \
  /* The normal distribution function of -|x|: gauss(x) times t times a polynomial in t, fitted for   \
     the least relative error (2.5e-8) on [-14.5, 0], where it ends in 0. On a CPU, erfc takes three  \
     times as long. */                                                                                \
  static inline floats normal_tail##width(floats x, floats gauss) {                                   \
    floats t = 1 / fma(fmin(fabs(x), 20.0f), (floats)(0.41f), (floats)(1));                           \
    floats p = fma((floats)(0.03373035416007042f), t, (floats)(-0.17634810507297516f));               \
    p = fma(p, t, (floats)(0.3557135760784149f));                                                     \
    p = fma(p, t, (floats)(-0.30507412552833557f));                                                   \
    p = fma(p, t, (floats)(0.05227695405483246f));                                                    \
    p = fma(p, t, (floats)(-0.0056673563085496426f));                                                 \
    p = fma(p, t, (floats)(0.08188522607088089f));                                                    \
    p = fma(p, t, (floats)(0.13640910387039185f));                                                    \
    p = fma(p, t, (floats)(0.16350482404232025f));                                                    \
    p = fma(p, t, (floats)(0.16356955468654633f));                                                    \
    return gauss * (p * t);                                                                           \
  }                                                                                                   \
                                                                                                      \
  /* The normal distribution function; NaN for NaN, which the functions above lose. */                \
  static inline floats normal_cdf##width(floats x, floats gauss) {                                    \
    floats tail = normal_tail##width(x, gauss);                                                       \
    return x > 0 ? 1 - tail : x <= 0 ? tail : x;                                                      \
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
        return x > 0 ? x : alpha * expm1_of_negative##width(x > 0 ? 0 : x);                           \
      case ACTIVATION_SIGMOID:                                                                        \
        return sigmoid##width(x);                                                                     \
      case ACTIVATION_TANH:                                                                           \
        return tanh(x);                                                                               \
      case ACTIVATION_GELU:                                                                           \
        return times_vanishing##width(x, normal_cdf##width(x, gauss##width(x)));                      \
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
        floats g = gauss##width(saved);                                                               \
        floats density = 0.39894228f * g;                                                             \
        return fma(clamp(saved, -20.0f, 20.0f), density, normal_cdf##width(saved, g));                \
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
  kernel void activation_##name(INOUT(float, x), INOUT(float, y), const int n, const float alpha) {   \
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
