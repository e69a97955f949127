// A factor's part of a step in shared memory, for tensor cores: how pieces of four floats are written to it, and how a warp takes its
// fragments from it.
//
// 32 k a step. With k inside, a row is 128 bytes in TF32 and 64 in the 16-bit types; its 16-byte chunks are exchanged by XOR with the
// row's number, so that the eight rows that ldmatrix reads at once lie in different banks:
//
//   row 0   0 1 2 3 4 5 6 7        row 1   1 0 3 2 5 4 7 6        row 2   2 3 0 1 6 7 4 5        ...
//
// With k outside, a row holds one k. The 16-bit types have the same exchange and are transposed by ldmatrix. TF32 cannot be, so its
// fragments are read word by word from rows that are 8 words longer: the four k and eight columns of a fragment then fall into 32 banks.
#pragma once
#include "ptx.cuh"

namespace tile {

constexpr int K_STEP = 32;

struct Tf32 {
  static constexpr bool HALF = false;
  __device__ __forceinline__ static void mma(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { ptx::mmaTf32(c, a, b); }
};
struct Bf16 {
  static constexpr bool HALF = true;
  __device__ __forceinline__ static uint32_t pack(float low, float high) {
#ifdef __CUDACC__
    __nv_bfloat162 v = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<uint32_t *>(&v);
#else
    return uint32_t(__float2bfloat16_rn(high).bits) << 16 | __float2bfloat16_rn(low).bits;
#endif
  }
  __device__ __forceinline__ static void mma(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { ptx::mmaBf16(c, a, b); }
};
struct F16 {
  static constexpr bool HALF = true;
  __device__ __forceinline__ static uint32_t pack(float low, float high) {
#ifdef __CUDACC__
    __half2 v = __floats2half2_rn(low, high);
    return *reinterpret_cast<uint32_t *>(&v);
#else
    return uint32_t(__float2half_rn(high).bits) << 16 | __float2half_rn(low).bits;
#endif
  }
  __device__ __forceinline__ static void mma(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) { ptx::mmaF16(c, a, b); }
};

template <class PRECISION, int ROWS, bool K_INSIDE> struct SharedTile;

// TF32, k inside.
template <int ROWS> struct SharedTile<Tf32, ROWS, true> {
  static constexpr int BYTES = ROWS * 128;
  // Where piece `piece` (of four k) of a row goes.
  __device__ __forceinline__ static int at(int row, int piece) { return row * 128 + ((piece ^ (row & 7)) << 4); }

  // 16 rows from `row` on and 8 k from 8 * part on, as the A of mma: registers (row half, k half) in the order of the lane map.
  __device__ __forceinline__ static void a(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    ptx::ldmatrix4(r, ptx::sharedAddress(base + at(row + (lane & 15), 2 * part + (lane >> 4))));
    round(r);
  }
  // Two Bs of 8 rows each.
  __device__ __forceinline__ static void b(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    ptx::ldmatrix4(r, ptx::sharedAddress(base + at(row + (lane & 7) + (lane >> 4) * 8, 2 * part + (lane >> 3 & 1))));
    round(r);
  }
  // The tensor cores would cut the lower bits off, which is twice as far off and always towards 0.
  __device__ __forceinline__ static void round(uint32_t (&r)[4]) {
#pragma unroll
    for (int i = 0; i < 4; i++) r[i] = ptx::toTf32(__uint_as_float(r[i]));
  }
};

// TF32, k outside.
template <int ROWS> struct SharedTile<Tf32, ROWS, false> {
  static constexpr int PITCH = (ROWS + 8) * 4;
  static constexpr int BYTES = K_STEP * PITCH;
  // Where piece `piece` (of four rows) of a k goes.
  __device__ __forceinline__ static int at(int k, int piece) { return k * PITCH + (piece << 4); }

  __device__ __forceinline__ static uint32_t word(const unsigned char *base, int k, int row) {
    return ptx::toTf32(*reinterpret_cast<const float *>(base + k * PITCH + row * 4));
  }
  __device__ __forceinline__ static void a(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    int g = lane >> 2, t = lane & 3;
#pragma unroll
    for (int i = 0; i < 4; i++) r[i] = word(base, 8 * part + t + 4 * (i >> 1), row + g + 8 * (i & 1));
  }
  __device__ __forceinline__ static void b(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    int g = lane >> 2, t = lane & 3;
#pragma unroll
    for (int i = 0; i < 4; i++) r[i] = word(base, 8 * part + t + 4 * (i & 1), row + g + 8 * (i >> 1));
  }
};

// A 16-bit type, k inside.
template <class PRECISION, int ROWS> struct SharedTile<PRECISION, ROWS, true> {
  static constexpr int BYTES = ROWS * 64;
  __device__ __forceinline__ static int chunk(int row, int chunk) { return row * 64 + ((chunk ^ (row >> 1 & 3)) << 4); }
  __device__ __forceinline__ static int at(int row, int piece) { return chunk(row, piece >> 1) + (piece & 1) * 8; }

  __device__ __forceinline__ static void a(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    ptx::ldmatrix4(r, ptx::sharedAddress(base + chunk(row + (lane & 15), 2 * part + (lane >> 4))));
  }
  __device__ __forceinline__ static void b(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    ptx::ldmatrix4(r, ptx::sharedAddress(base + chunk(row + (lane & 7) + (lane >> 4) * 8, 2 * part + (lane >> 3 & 1))));
  }
};

// A 16-bit type, k outside.
template <class PRECISION, int ROWS> struct SharedTile<PRECISION, ROWS, false> {
  static constexpr int PITCH = ROWS * 2;
  static constexpr int BYTES = K_STEP * PITCH;
  __device__ __forceinline__ static int chunk(int k, int chunk) { return k * PITCH + ((chunk ^ (k & 7)) << 4); }
  __device__ __forceinline__ static int at(int k, int piece) { return chunk(k, piece >> 1) + (piece & 1) * 8; }

  __device__ __forceinline__ static void a(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    ptx::ldmatrix4Transposed(r, ptx::sharedAddress(base + chunk(16 * part + (lane & 7) + (lane >> 4) * 8, row / 8 + (lane >> 3 & 1))));
  }
  __device__ __forceinline__ static void b(uint32_t (&r)[4], const unsigned char *base, int row, int part, int lane) {
    ptx::ldmatrix4Transposed(r, ptx::sharedAddress(base + chunk(16 * part + (lane & 15), row / 8 + (lane >> 4))));
  }
};

}  // namespace tile
