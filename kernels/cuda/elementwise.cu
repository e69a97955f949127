// Arithmetic on each element: affine functions, sums, differences, products and quotients with broadcasting, and casts. Memory bounds all
// of it. Grid: four elements of the result a thread.
#include "elements.cuh"
#include "numbers.cuh"
#include "pack.cuh"

KERNEL(256) affine(const float *x, float *y, int n, float scale, float shift) {
  elements::map(y, n, [=](float v) { return fmaf(scale, v, shift); }, x);
}
EXPORT_KERNEL(affine, 256)

// rows_*: operands of one shape. loops_*: any that broadcast.
#define BINARY(name, operation)                                                                                                  \
  KERNEL(256) rows_##name(const float *a, const float *b, float *y, int n) {                                                     \
    elements::map(y, n, [](float p, float q) { return p operation q; }, a, b);                                                   \
  }                                                                                                                              \
  EXPORT_KERNEL(rows_##name, 256)                                                                                                \
  KERNEL(256) loops_##name(const float *a, const float *b, float *y, int n, const elements::Loops l) {                           \
    elements::mapLoops(y, n, [](float p, float q) { return p operation q; }, a, b, l);                                           \
  }                                                                                                                              \
  EXPORT_KERNEL(loops_##name, 256)
BINARY(add, +)
BINARY(subtract, -)
BINARY(multiply, *)
BINARY(divide, /)

// Casts, all by way of float, which holds what a smaller type can tell apart. Grid: a pack (pack.cuh) a thread.
#define CAST(from, FROM, to, TO)                                                   \
  namespace wide {                                                                                            \
  template <int V> __device__ __forceinline__ void cast_##from##_##to(const FROM *x, TO *y, int n) {          \
    const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x));                                             \
    if (i >= n) return;                                                                                       \
    const Pack<V, FROM> v = Pack<V, FROM>::load(x + i);                                                       \
    Pack<V, TO> z;                                                                                            \
    _Pragma("unroll") for (int k = 0; k < V; k++) z.of[k] = numbers::to_##to(numbers::from_##from(v.of[k]));  \
    z.store(y + i);                                                                                           \
  }                                                                                                           \
  }                                                                                                           \
  WIDTHS(KERNEL, 256, cast_##from##_##to, (const FROM *x, TO *y, int n), (x, y, n))
CAST(float32, float, float16, unsigned short)
CAST(float32, float, bfloat16, unsigned short)
CAST(float32, float, int32, int)
CAST(float32, float, uint8, unsigned char)
CAST(float16, unsigned short, float32, float)
CAST(float16, unsigned short, bfloat16, unsigned short)
CAST(float16, unsigned short, int32, int)
CAST(float16, unsigned short, uint8, unsigned char)
CAST(bfloat16, unsigned short, float32, float)
CAST(bfloat16, unsigned short, float16, unsigned short)
CAST(bfloat16, unsigned short, int32, int)
CAST(bfloat16, unsigned short, uint8, unsigned char)
CAST(int32, int, float32, float)
CAST(int32, int, float16, unsigned short)
CAST(int32, int, bfloat16, unsigned short)
CAST(int32, int, uint8, unsigned char)
CAST(uint8, unsigned char, float32, float)
CAST(uint8, unsigned char, float16, unsigned short)
CAST(uint8, unsigned char, bfloat16, unsigned short)
CAST(uint8, unsigned char, int32, int)
