// What all kernels share: how memory is handed to a kernel, and how element-wise kernels read it.
//
// A tensor is a part of a buffer, so each is two parameters: the buffer, and the number of the first
// element in it. IN, OUT and INOUT declare both, AT gives the pointer:
//
//   kernel void copy_words(IN(int, x), OUT(int, y), const int n) {
//     global const int *x = AT(x);
//     global int *y = AT(y);
//
// Elements are counted in int: a tensor has fewer than 2^31 of them here. A pointer is aligned to its
// element only: vload4 is safe at any of them, a cast to float4* is not.

#ifdef __clang__
// Functions with float16 are inlined, so how their arguments would be passed does not matter.
#pragma clang diagnostic ignored "-Wpsabi"
#endif

#define IN(type, name) global const type *restrict name##_buffer, const ulong name##_first
#define OUT(type, name) global type *restrict name##_buffer, const ulong name##_first
// Memory that is read and written, or an operand over which the result may be written.
#define INOUT(type, name) global type *name##_buffer, const ulong name##_first
#define AT(name) (name##_buffer + name##_first)

// Arrays that are handed to a function stay in registers only if it is inlined, and loops are unrolled only
// then if their bounds are arguments.
#define INLINED static inline __attribute__((always_inline))

// Element-wise kernels. A work-item has ELEMENT_VECTOR neighbouring elements in a `floats`. `get` reads
// them and `put` writes them, both only below n, so that a kernel needs no check of its own:
//
//   kernel void negate(INOUT(float, x), INOUT(float, y), const int n) {
//     put(-get(AT(x), n), AT(y), n);
//   }
//
// Vectors keep the units of a CPU busy. On a GPU a work-item has one element: then neighbouring
// work-items touch neighbouring words, which a vector load of unknown alignment would not ensure.
//
// ELEMENT_VECTOR: 1, 4, 8 or 16.

#define JOINED(a, b) a##b
#define JOIN(a, b) JOINED(a, b)
#if ELEMENT_VECTOR == 1
#define PER_ELEMENT(name) name
#define LOAD_ELEMENTS(p) (*(p))
#define STORE_ELEMENTS(values, p) (*(p) = (values))
#else
// The variant of a function or type for as many elements: f, f4, f8 or f16.
#define PER_ELEMENT(name) JOIN(name, ELEMENT_VECTOR)
#define LOAD_ELEMENTS(p) PER_ELEMENT(vload)(0, p)
#define STORE_ELEMENTS(values, p) PER_ELEMENT(vstore)(values, 0, p)
#endif
typedef PER_ELEMENT(float) floats;
typedef PER_ELEMENT(int) ints;
typedef PER_ELEMENT(uint) uints;
typedef PER_ELEMENT(ulong) ulongs;

// The number of the work-item's first element.
static inline int first_element() {
  return (int)get_global_id(0) * ELEMENT_VECTOR;
}

// `get` and `put` for elements from i on.
static inline floats get_at(global const float *p, int i, int n) {
#if ELEMENT_VECTOR == 1
  return i < n ? p[i] : 0;
#else
  if (i + ELEMENT_VECTOR <= n) {
    return LOAD_ELEMENTS(p + i);
  }
  float v[ELEMENT_VECTOR];
  for (int k = 0; k < ELEMENT_VECTOR; k++) {
    v[k] = i + k < n ? p[i + k] : 0;
  }
  return LOAD_ELEMENTS(v);
#endif
}

static inline floats get(global const float *p, int n) {
  return get_at(p, first_element(), n);
}

static inline void put_at(floats values, global float *p, int i, int n) {
#if ELEMENT_VECTOR == 1
  if (i < n) {
    p[i] = values;
  }
#else
  if (i + ELEMENT_VECTOR <= n) {
    STORE_ELEMENTS(values, p + i);
    return;
  }
  float v[ELEMENT_VECTOR];
  STORE_ELEMENTS(values, v);
  for (int k = 0; k < n - i; k++) {
    p[i + k] = v[k];
  }
#endif
}

static inline void put(floats values, global float *p, int n) {
  put_at(values, p, first_element(), n);
}

// Division by a number that the host knows: a multiplication by its reciprocal, for n from 0 to
// 2^31 - 1. Divisor.java makes it.
typedef struct {
  int by;
  uint factor;
  int shift;
} divisor;

static inline int divide(int n, const divisor *d) {
  return (int)(((ulong)(uint)n * d->factor) >> d->shift);
}
