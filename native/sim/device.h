// What a kernel's source sees in place of CUDA when g++ compiles it: the vocabulary, the built-in variables and the intrinsics
// that the kernels use. What they do when a block runs is in scheduler.h and shared_memory.h.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "numbers.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __align__(n) alignas(n)
#define __restrict__ __restrict

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x = 1, y = 1, z = 1; };
struct alignas(8) int2 { int x, y; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(16) float4 { float x, y, z, w; };
inline int2 make_int2(int x, int y) { return {x, y}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// Set by the scheduler each time another thread goes on.
extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;
constexpr int warpSize = 32;

namespace sim {

// A place in a kernel's source. As a default argument, HERE is the place of the call.
struct Site { const char *file; int line; };
constexpr Site here(const char *file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, line}; }
#define HERE sim::Site site = sim::here()

// Ends the launch with a message that names the place, the kernel, the block and the thread.
[[noreturn]] void fail(Site site, const char *format, ...) __attribute__((format(printf, 2, 3)));

// ---- how the driver finds and calls a kernel
using Function = void (*)();
struct Kernel {
  const char *name;
  Function function;
  void (*call)(Function, void **parameters);
  int maxThreads;
  int parameters;
  const size_t *sizes;
};
template <class... P> struct Call {
  // The parameters lie in memory of the driver, which no kernel may touch.
  template <size_t... I> __attribute__((no_sanitize_thread, noinline)) static void unpack(void (*f)(P...), void **p, std::index_sequence<I...>) { f(*static_cast<P *>(p[I])...); }
  static void call(Function f, void **p) { unpack(reinterpret_cast<void (*)(P...)>(f), p, std::index_sequence_for<P...>{}); }
  static constexpr size_t sizes[sizeof...(P) + 1] = {sizeof(P)..., 0};
};
template <class... P> Kernel describe(const char *name, int maxThreads, void (*f)(P...)) {
  static_assert((std::is_trivially_copyable_v<P> && ...), "the driver copies parameters as bytes");
  return {name, reinterpret_cast<Function>(f), &Call<P...>::call, maxThreads, int(sizeof...(P)), Call<P...>::sizes};
}

// ---- shared memory
void *sharedVariable(const void *key, size_t size, size_t alignment, const char *name, HERE);
void *sharedDynamic(size_t alignment, HERE);

// ---- what the lanes of a warp do together
// Each lane hands in a pointer to its operand and one to its result; the last to arrive runs the function for all of them.
struct Lanes { uint32_t mask; const void *in[32]; void *out[32]; Site site; };
using Together = void (*)(Lanes &);
void together(const char *what, uint32_t mask, const void *in, void *out, Together function, Site site);

template <class T> struct ShuffleIn { T value; int argument, width; };
template <class T, class Source> T shuffle(const char *what, uint32_t mask, T value, int argument, int width, Source, Site site) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  ShuffleIn<T> in{value, argument, width};
  T out{};
  together(what, mask, &in, &out, [](Lanes &lanes) {
    for (int lane = 0; lane < 32; lane++) {
      if (!(lanes.mask >> lane & 1)) continue;
      auto &mine = *static_cast<const ShuffleIn<T> *>(lanes.in[lane]);
      int from = Source::lane(lane, mine.argument, mine.width, lane & ~(mine.width - 1));
      if (!(lanes.mask >> from & 1)) {
        fail(lanes.site, "shuffle: lane %d reads lane %d, which is not in mask %08x", lane, from, lanes.mask);
      }
      *static_cast<T *>(lanes.out[lane]) = static_cast<const ShuffleIn<T> *>(lanes.in[from])->value;
    }
  }, site);
  return out;
}
struct FromIndex { static int lane(int, int index, int width, int first) { return first + (index & (width - 1)); } };
struct FromBelow { static int lane(int l, int delta, int, int first) { return l - delta >= first ? l - delta : l; } };
struct FromAbove { static int lane(int l, int delta, int width, int first) { return l + delta < first + width ? l + delta : l; } };
struct FromXor { static int lane(int l, int mask, int width, int first) { int s = l ^ mask; return s < first + width ? s : l; } };
}  // namespace sim

// ---- intrinsics
void __syncthreads(HERE);
inline void __syncwarp(uint32_t mask = 0xffffffffu, HERE) { sim::together("__syncwarp", mask, nullptr, nullptr, nullptr, site); }
inline void __threadfence() {}
template <class T> T __shfl_sync(uint32_t mask, T v, int lane, int width = 32, HERE) {
  return sim::shuffle("__shfl_sync", mask, v, lane, width, sim::FromIndex{}, site);
}
template <class T> T __shfl_up_sync(uint32_t mask, T v, int delta, int width = 32, HERE) {
  return sim::shuffle("__shfl_up_sync", mask, v, delta, width, sim::FromBelow{}, site);
}
template <class T> T __shfl_down_sync(uint32_t mask, T v, int delta, int width = 32, HERE) {
  return sim::shuffle("__shfl_down_sync", mask, v, delta, width, sim::FromAbove{}, site);
}
template <class T> T __shfl_xor_sync(uint32_t mask, T v, int lanes, int width = 32, HERE) {
  return sim::shuffle("__shfl_xor_sync", mask, v, lanes, width, sim::FromXor{}, site);
}
inline uint32_t __ballot_sync(uint32_t mask, int predicate, HERE) {
  uint32_t votes = 0;
  sim::together("__ballot_sync", mask, &predicate, &votes, [](sim::Lanes &lanes) {
    uint32_t all = 0;
    for (int l = 0; l < 32; l++) {
      if ((lanes.mask >> l & 1) && *static_cast<const int *>(lanes.in[l])) all |= 1u << l;
    }
    for (int l = 0; l < 32; l++) {
      if (lanes.mask >> l & 1) *static_cast<uint32_t *>(lanes.out[l]) = all;
    }
  }, site);
  return votes;
}
inline int __any_sync(uint32_t mask, int predicate, HERE) { return __ballot_sync(mask, predicate, site) != 0; }
inline int __all_sync(uint32_t mask, int predicate, HERE) { return __ballot_sync(mask, predicate, site) == mask; }

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline unsigned __umulhi(unsigned a, unsigned b) { return unsigned(uint64_t(a) * b >> 32); }
template <class T> T __ldg(const T *p) { return *p; }
inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
inline unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
inline long long min(long long a, long long b) { return a < b ? a : b; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
// Towards 0 and into the range of int; NaN gives 0.
inline int __float2int_rz(float x) { return x != x ? 0 : x >= 0x1p31f ? 0x7fffffff : x < -0x1p31f ? int(0x80000000) : int(x); }
inline void sincospif(float x, float *s, float *c) {
  *s = float(sin(x * 3.14159265358979323846));
  *c = float(cos(x * 3.14159265358979323846));
}
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
