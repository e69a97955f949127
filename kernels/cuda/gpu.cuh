// What every kernel includes first. Under nvcc it is CUDA; under g++, which compiles the same sources for tests without a GPU, it is
// the simulator's device view (native/sim).
//
//   KERNEL(threads) name(...)      a kernel that is launched by its name with at most so many threads a block
//   PRODUCT_KERNEL(threads)        the same for kernels that need many registers: the compiler may take all that one block can have,
//                                  where else it would rather spill some than let fewer blocks run at once
//   EXPORT_KERNEL(name, threads)   after its definition: how the simulator finds it; nothing under nvcc
//   OUT_OF_LINE                    a device function whose code stands in a kernel once
//   SHARED(type, name, dims)       shared memory of the block
//   SHARED_DYNAMIC(type, name)     the part whose size is given at the launch; 128-byte aligned
#pragma once
#ifdef __CUDACC__
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>
#define SHARED(type, name, dims) __shared__ type name dims
#define SHARED_DYNAMIC(type, name)                                   \
  extern __shared__ __align__(128) unsigned char dynamicShared[];   \
  type *name = reinterpret_cast<type *>(dynamicShared)
#define EXPORT_KERNEL(name, threads)
#else
#include "device.h"
#include "scheduler.h"
#include "shared_memory.h"
#define SHARED(type, name, dims)               \
  static const char shared_key_##name = 0;     \
  auto &name = *static_cast<type(*) dims>(sim::sharedVariable(&shared_key_##name, sizeof(type dims), alignof(type), #name))
#define SHARED_DYNAMIC(type, name) type *name = static_cast<type *>(sim::sharedDynamic(128))
#define EXPORT_KERNEL(name, threads)                                                    \
  extern "C" {                                                                          \
  extern const sim::Kernel sim_kernel_##name;                                           \
  const sim::Kernel sim_kernel_##name = sim::describe(#name, threads, &name);           \
  }
#endif
#define PRODUCT_KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads, 1)
#define OUT_OF_LINE static __attribute__((noinline))
#define KERNEL(threads) extern "C" __global__ void __launch_bounds__(threads)
