// Kernels that are wrong on purpose, to see that the stand-in driver finds out. Each is right when its parameter `wrong` is 0.
#include "ptx.cuh"

// A value read before the barrier that would order it after its write.
KERNEL(64) fault_barrier(float *y, int wrong) {
  SHARED(float, s, [64]);
  s[threadIdx.x] = float(threadIdx.x);
  if (!wrong) __syncthreads();
  y[threadIdx.x] = s[63 - threadIdx.x];
}
EXPORT_KERNEL(fault_barrier, 64)

// The same within a warp.
KERNEL(32) fault_warp_barrier(float *y, int wrong) {
  SHARED(float, s, [32]);
  s[threadIdx.x] = float(threadIdx.x);
  if (!wrong) __syncwarp();
  y[threadIdx.x] = s[31 - threadIdx.x];
}
EXPORT_KERNEL(fault_warp_barrier, 32)

// One element past the end of a buffer of 64, written.
KERNEL(64) fault_write_past(float *y, int wrong) { y[threadIdx.x + wrong] = 1; }
EXPORT_KERNEL(fault_write_past, 64)

// One element past the end of a buffer of 64, read.
KERNEL(64) fault_read_past(float *y, int wrong) {
  float v = y[threadIdx.x + wrong];
  __syncthreads();
  if (v == 12345) y[threadIdx.x] = v;
}
EXPORT_KERNEL(fault_read_past, 64)

// One element past the end of shared memory.
KERNEL(32) fault_shared_past(float *y, int wrong) {
  SHARED(float, s, [32]);
  s[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x + wrong];
}
EXPORT_KERNEL(fault_shared_past, 32)

// Shared memory that nobody wrote.
KERNEL(32) fault_unset(float *y, int wrong) {
  SHARED(float, s, [32]);
  if (!wrong) s[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x];
}
EXPORT_KERNEL(fault_unset, 32)

// The destination of an asynchronous copy, read before the wait.
KERNEL(16) fault_wait(float *y, int wrong) {
  SHARED(float4, s, [16]);
  ptx::copyAsync<16>(ptx::sharedAddress(&s[threadIdx.x]), y + 4 * threadIdx.x, 16);
  ptx::copyCommit();
  if (wrong) {
    ptx::copyWait<1>();
  } else {
    ptx::copyWait<0>();
  }
  __syncthreads();
  y[4 * threadIdx.x] = s[threadIdx.x].x;
}
EXPORT_KERNEL(fault_wait, 16)

// A shuffle of the whole warp after half of it has left.
KERNEL(32) fault_half_warp(float *y, int wrong) {
  if (wrong && threadIdx.x >= 16) return;
  y[threadIdx.x] = __shfl_xor_sync(0xffffffffu, float(threadIdx.x), 1);
}
EXPORT_KERNEL(fault_half_warp, 32)

// A barrier that only half of the block reaches.
KERNEL(64) fault_half_block(float *y, int wrong) {
  if (wrong && threadIdx.x >= 32) return;
  __syncthreads();
  y[threadIdx.x] = 1;
}
EXPORT_KERNEL(fault_half_block, 64)

// Two barriers in two branches, which the threads take for one.
KERNEL(64) fault_two_barriers(float *y, int wrong) {
  if (wrong && threadIdx.x >= 32) {
    __syncthreads();
  } else {
    __syncthreads();
  }
  y[threadIdx.x] = 1;
}
EXPORT_KERNEL(fault_two_barriers, 64)

// A vector at an address that is not a multiple of its size.
KERNEL(8) fault_misaligned(float *y, int wrong) { *reinterpret_cast<float2 *>(y + 4 * threadIdx.x + wrong) = make_float2(1, 2); }
EXPORT_KERNEL(fault_misaligned, 8)

// An index that overflows.
KERNEL(32) fault_overflow(float *y, int wrong) {
  int i = int(threadIdx.x) + (wrong ? 0x7fffffff : 0);
  y[i & 31] = 1;
}
EXPORT_KERNEL(fault_overflow, 32)
