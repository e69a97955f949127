// PTX instructions that CUDA C++ has no name for, one small wrapper each. Under g++ the same names do what the PTX ISA documents
// (native/sim/instructions.h), with its rules checked.
//
// Lane maps, with g = lane / 4 and t = lane % 4 (PTX ISA, "Matrix fragments for mma"):
//   m16n8k16  A register r, half h: row g + 8 (r & 1), column 2t + h + 8 (r >> 1)     B: k = 2t + h + 8r, n = g
//   m16n8k8   A register r:         row g + 8 (r & 1), column t + 4 (r >> 1)          B: k = t + 4r, n = g
//   both      C register r:         row g + 8 (r >> 1), column 2t + (r & 1)
//   ldmatrix  register q: elements 2t and 2t + 1 of row g of matrix q, whose row addresses lanes 8q to 8q + 7 give;
//             with trans: element g of rows 2t and 2t + 1
#pragma once
#include "gpu.cuh"

namespace ptx {
#ifdef __CUDACC__

// The 32-bit address of shared memory that the instructions below take.
__device__ __forceinline__ uint32_t sharedAddress(const void *p) { return uint32_t(__cvta_generic_to_shared(p)); }

// Four 8x8 matrices of 16-bit elements from shared memory to the fragments of a warp.
__device__ __forceinline__ void ldmatrix4(uint32_t (&r)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(row)
               : "memory");
}
__device__ __forceinline__ void ldmatrix4Transposed(uint32_t (&r)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(row)
               : "memory");
}

// c += a b over a warp: 16x16 by 16x8 (16-bit types), 16x8 by 8x8 (TF32); sums in float32.
#define PTX_MMA(name, shape, type)                                                                     \
  __device__ __forceinline__ void name(float(&c)[4], const uint32_t(&a)[4], const uint32_t(&b)[2]) {   \
    asm volatile("mma.sync.aligned." shape ".row.col.f32." type "." type ".f32 "                       \
                 "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"                               \
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                                      \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));                  \
  }
PTX_MMA(mmaBf16, "m16n8k16", "bf16")
PTX_MMA(mmaF16, "m16n8k16", "f16")
PTX_MMA(mmaTf32, "m16n8k8", "tf32")
#undef PTX_MMA

// To TF32, rounded to nearest, ties away from zero.
__device__ __forceinline__ uint32_t toTf32(float x) {
  uint32_t r;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(r) : "f"(x));
  return r;
}

// Begins a copy of BYTES (16, 8 or 4) from global to shared memory; of them `read` come from memory and the others are 0.
template <int BYTES> __device__ __forceinline__ void copyAsync(uint32_t to, const void *from, int read) {
  if constexpr (BYTES == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(__cvta_generic_to_global(from)), "r"(read) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(to), "l"(__cvta_generic_to_global(from)), "n"(BYTES), "r"(read) : "memory");
  }
}
// Closes a group of copies.
__device__ __forceinline__ void copyCommit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// Waits until at most KEEP of this thread's groups are under way.
template <int KEEP> __device__ __forceinline__ void copyWait() { asm volatile("cp.async.wait_group %0;" ::"n"(KEEP) : "memory"); }

#else
#include "instructions.h"
#endif
}  // namespace ptx
