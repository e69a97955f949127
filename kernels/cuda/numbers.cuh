// Element types from and to float; the 16-bit ones as their bits. Rounded to nearest, ties to even; to integers towards 0 and into the
// type's range, NaN to 0.
#pragma once
#include "gpu.cuh"

namespace numbers {

__device__ __forceinline__ float from_float32(float v) { return v; }
__device__ __forceinline__ float from_bfloat16(unsigned short v) { return __uint_as_float(unsigned(v) << 16); }
__device__ __forceinline__ float from_int32(int v) { return float(v); }
__device__ __forceinline__ float from_uint8(unsigned char v) { return float(v); }
__device__ __forceinline__ float to_float32(float v) { return v; }
__device__ __forceinline__ unsigned short to_bfloat16(float v) {
  unsigned bits = __float_as_uint(v);
  // Rounding could carry a NaN's low bits away and leave infinity.
  if (v != v) return (unsigned short)(bits >> 16 | 0x40);
  return (unsigned short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
__device__ __forceinline__ int to_int32(float v) { return __float2int_rz(v); }
__device__ __forceinline__ unsigned char to_uint8(float v) { return (unsigned char)min(max(__float2int_rz(v), 0), 255); }
#ifdef __CUDACC__
__device__ __forceinline__ float from_float16(unsigned short v) { return __half2float(__ushort_as_half(v)); }
__device__ __forceinline__ unsigned short to_float16(float v) { return __half_as_ushort(__float2half_rn(v)); }
#else
inline float from_float16(unsigned short v) { return __half2float({v}); }
inline unsigned short to_float16(float v) { return __float2half_rn(v).bits; }
#endif

}  // namespace numbers
