// The 16-bit floating-point types of CUDA, by their bits.
#pragma once
#include <cstdint>
#include <cstring>

inline int __float_as_int(float f) { int x; memcpy(&x, &f, 4); return x; }
inline unsigned __float_as_uint(float f) { unsigned x; memcpy(&x, &f, 4); return x; }
inline float __int_as_float(int x) { float f; memcpy(&f, &x, 4); return f; }
inline float __uint_as_float(unsigned x) { float f; memcpy(&f, &x, 4); return f; }

struct __nv_bfloat16 { uint16_t bits; };
struct __half { uint16_t bits; };

inline float __bfloat162float(__nv_bfloat16 b) { return __uint_as_float(uint32_t(b.bits) << 16); }

// Rounds to nearest, ties to even; every NaN becomes the one that the hardware gives.
inline __nv_bfloat16 __float2bfloat16_rn(float f) {
  uint32_t u = __float_as_uint(f);
  if ((u & 0x7fffffffu) > 0x7f800000u) return {0x7fff};
  return {uint16_t((u + 0x7fffu + (u >> 16 & 1)) >> 16)};
}

inline float __half2float(__half h) {
  uint32_t sign = uint32_t(h.bits & 0x8000) << 16, exponent = h.bits >> 10 & 31, fraction = h.bits & 0x3ff;
  if (exponent == 0) {
    float f = float(fraction) * 0x1p-24f;
    return sign ? -f : f;
  }
  if (exponent == 31) return fraction ? __uint_as_float(0x7fffffffu) : __uint_as_float(sign | 0x7f800000u);
  return __uint_as_float(sign | (exponent + 112) << 23 | fraction << 13);
}

// Rounds to nearest, ties to even.
inline __half __float2half_rn(float f) {
  uint32_t u = __float_as_uint(f), sign = u >> 16 & 0x8000, magnitude = u & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return {0x7fff};
  if (magnitude >= 0x477ff000u) return {uint16_t(sign | 0x7c00)};  // rounds to infinity
  if (magnitude < 0x38800000u) {
    // A subnormal result: added to 0.5, whose last place is worth 2^-24, float32 does the rounding.
    float r = __uint_as_float(magnitude) + 0.5f;
    return {uint16_t(sign | (__float_as_uint(r) - 0x3f000000u))};
  }
  return {uint16_t(sign | ((magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1)) >> 13))};
}
