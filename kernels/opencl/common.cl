// What all kernels share: how memory is handed to a kernel.
//
// A tensor is a part of a buffer, so each is two parameters: the buffer, and the number of the first
// element in it. IN, OUT and INOUT declare both, AT gives the pointer:
//
//   kernel void negate(IN(float, x), OUT(float, y), const int n) {
//     global const float *x = AT(x);
//     global float *y = AT(y);
//
// Elements are counted in int: a tensor has fewer than 2^31 of them here. A pointer is aligned to its
// element only: vload4 is safe at any of them, a cast to float4* is not.

#define IN(type, name) global const type *restrict name##_buffer, const ulong name##_first
#define OUT(type, name) global type *restrict name##_buffer, const ulong name##_first
// Memory that is read and written, or an operand over which the result may be written.
#define INOUT(type, name) global type *name##_buffer, const ulong name##_first
#define AT(name) (name##_buffer + name##_first)
