// Philox4x32-10: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", 2011. Element i of a tensor takes word
// i % 4 of block i / 4; see RandomOp for how a word becomes a number.
#pragma once
#include "gpu.cuh"

namespace philox {

struct Key { unsigned low, high; };

__device__ __forceinline__ uint4 block(unsigned long long seed, unsigned long long stream, unsigned long long number) {
  uint4 c = make_uint4(unsigned(number), unsigned(number >> 32), unsigned(stream), unsigned(stream >> 32));
  Key k = {unsigned(seed), unsigned(seed >> 32)};
  for (int round = 0; round < 10; round++) {
    unsigned high0 = __umulhi(0xD2511F53u, c.x), low0 = 0xD2511F53u * c.x, high1 = __umulhi(0xCD9E8D57u, c.z), low1 = 0xCD9E8D57u * c.z;
    c = make_uint4(high1 ^ c.y ^ k.low, low1, high0 ^ c.w ^ k.high, low0);
    k.low += 0x9E3779B9u;
    k.high += 0xBB67AE85u;
  }
  return c;
}

// In (0, 1), up to the rounding of the largest to 1.
__device__ __forceinline__ float uniform(unsigned word) { return (float(word >> 8) + 0.5f) * 0x1p-24f; }

// Two normal numbers of two words, by Box and Muller.
__device__ __forceinline__ float2 normal(unsigned first, unsigned second) {
  float radius = sqrtf(-2.0f * logf(uniform(first))), s, c;
  sincospif(2.0f * uniform(second), &s, &c);
  return make_float2(radius * c, radius * s);
}

// The normal number of element i, among those that begin at block `part` times 2^32.
__device__ __forceinline__ float normalAt(unsigned long long seed, unsigned long long stream, int i, unsigned part) {
  uint4 b = block(seed, stream, (unsigned long long)part << 32 | unsigned(i) / 4);
  float2 pair = i & 2 ? normal(b.z, b.w) : normal(b.x, b.y);
  return i & 1 ? pair.y : pair.x;
}

}  // namespace philox
