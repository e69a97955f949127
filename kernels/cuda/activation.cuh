// Activation functions for the ends of other kernels, and their slopes. The kinds are numbered as Activation.Kind; where a kind is a
// constant, only its function stays in the kernel.
#pragma once
#include "gpu.cuh"

namespace activation {

enum Kind { IDENTITY, RELU, LEAKY_RELU, ELU, SIGMOID, TANH, GELU, SILU };

// By the exponential of -|x|, which cannot overflow.
__device__ __forceinline__ float sigmoid(float x) {
  float decay = expf(-fabsf(x));
  return (x < 0 ? decay : 1.0f) / (1 + decay);
}

// The normal distribution function; 1 + erf(x) would lose the digits left of 0.
__device__ __forceinline__ float normalCdf(float x) { return 0.5f * erfcf(-0.70710678f * x); }

// x s for a function s that vanishes on the left, also where x is minus infinity and s is 0.
__device__ __forceinline__ float timesVanishing(float x, float s) { return s * fmaxf(x, -110.0f); }

__device__ __forceinline__ float apply(int kind, float alpha, float x) {
  switch (kind) {
    case RELU: return x <= 0 ? 0.0f : x;  // and NaN stays
    case LEAKY_RELU: return x > 0 ? x : alpha * x;
    case ELU: return x > 0 ? x : alpha * expm1f(x);
    case SIGMOID: return sigmoid(x);
    case TANH: return tanhf(x);
    case GELU: return timesVanishing(x, normalCdf(x));
    case SILU: return timesVanishing(x, sigmoid(x));
    default: return x;
  }
}

// The same, for kernels that apply it to many sums each.
__device__ OUT_OF_LINE float applied(int kind, float alpha, float x) { return apply(kind, alpha, x); }

__device__ __forceinline__ float clamp(float x, float low, float high) { return fminf(fmaxf(x, low), high); }

// f'(x), from y = f(x) or from x as Activation.gradientFromOutput says.
__device__ __forceinline__ float slope(int kind, float alpha, float saved) {
  switch (kind) {
    case RELU: return saved > 0 ? 1.0f : 0.0f;
    case LEAKY_RELU: return saved > 0 ? 1.0f : alpha;
    // With alpha 0 the argument is saved.
    case ELU: return saved > 0 ? 1.0f : alpha == 0 ? 0.0f : saved + alpha;
    case SIGMOID: return saved * (1 - saved);
    case TANH: return (1 + saved) * (1 - saved);
    case GELU: return fmaf(clamp(saved, -20.0f, 20.0f), 0.39894228f * expf(-0.5f * saved * saved), normalCdf(saved));
    case SILU: return sigmoid(saved) * fmaf(clamp(saved, -110.0f, 110.0f), sigmoid(-saved), 1.0f);
    default: return 1.0f;
  }
}

}  // namespace activation
