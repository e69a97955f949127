// Arithmetic on each element: affine functions, sums, differences, products and quotients with
// broadcasting, and casts.
//
// Grid: ELEMENT_VECTOR elements of the result a work-item, see common.cl. Memory bounds all of it.
// Operands of one shape, or of which one is a number, are one long row. Any other pair is stepped
// through in loops (loops.cl), of which an operand per channel needs two. A vector that lies in one
// row is loaded at once, or is one number repeated; only one that crosses into the next row is put
// together from single elements. Where that would be many, Elementwise.java first repeats an operand
// per channel to rows of whole vectors.

kernel void affine(INOUT(float, x), INOUT(float, y), const int n, const float scale, const float shift) {
  put(fma((floats)(scale), get(AT(x), n), (floats)(shift)), AT(y), n);
}

// Both operands' elements for a work-item.
static inline void broadcast(global const float *a, global const float *b, int n, const loops *l,
                             floats *to_a, floats *to_b) {
  int i = first_element();
  *to_a = (floats)(0);
  *to_b = (floats)(0);
  if (i >= n) {
    return;
  }
  int row = divide(i, &l->inner);
  int column = i - row * l->inner.by;
  int2 start = row_start(l, row);
#if ELEMENT_VECTOR == 1
  *to_a = a[start.x + column * l->step[0]];
  *to_b = b[start.y + column * l->step[1]];
#else
  if (column + ELEMENT_VECTOR <= l->inner.by && i + ELEMENT_VECTOR <= n) {
    *to_a = l->step[0] == 0 ? (floats)(a[start.x]) : LOAD_ELEMENTS(a + start.x + column);
    *to_b = l->step[1] == 0 ? (floats)(b[start.y]) : LOAD_ELEMENTS(b + start.y + column);
    return;
  }
  float va[ELEMENT_VECTOR];
  float vb[ELEMENT_VECTOR];
  for (int k = 0; k < ELEMENT_VECTOR; k++) {
    bool inside = i + k < n;
    va[k] = inside ? a[start.x + column * l->step[0]] : 0;
    vb[k] = inside ? b[start.y + column * l->step[1]] : 0;
    if (++column == l->inner.by) {
      column = 0;
      start = row_start(l, ++row);
    }
  }
  *to_a = LOAD_ELEMENTS(va);
  *to_b = LOAD_ELEMENTS(vb);
#endif
}

// In rows, an operand with step 0 is one number.
#define BINARY(name, operator)                                                                        \
  kernel void rows_##name(INOUT(float, a), INOUT(float, b), INOUT(float, y), const int n,             \
                          const int step_a, const int step_b) {                                       \
    floats va = step_a == 0 ? (floats)(AT(a)[0]) : get(AT(a), n);                                     \
    floats vb = step_b == 0 ? (floats)(AT(b)[0]) : get(AT(b), n);                                     \
    put(va operator vb, AT(y), n);                                                                    \
  }                                                                                                   \
                                                                                                      \
  kernel void loops_##name(INOUT(float, a), INOUT(float, b), INOUT(float, y), const int n,            \
                           const loops l) {                                                           \
    floats va, vb;                                                                                    \
    broadcast(AT(a), AT(b), n, &l, &va, &vb);                                                         \
    put(va operator vb, AT(y), n);                                                                    \
  }

BINARY(add, +)
BINARY(subtract, -)
BINARY(multiply, *)
BINARY(divide, /)

// Casts, all by way of float, which holds what a smaller type can tell apart. Reads and writes of a
// type are macros of a pointer and an index; 16-bit floats are kept in ushort.

#define READ_float32(p, i) (p)[i]
#define READ_float16(p, i) vload_half(i, (global const half *)(p))
#define READ_bfloat16(p, i) as_float((uint)(p)[i] << 16)
#define READ_int32(p, i) convert_float_rte((p)[i])
#define READ_uint8(p, i) convert_float((p)[i])

#define WRITE_float32(v, p, i) (p)[i] = v
#define WRITE_float16(v, p, i) vstore_half_rte(v, i, (global half *)(p))
#define WRITE_bfloat16(v, p, i) (p)[i] = bfloat16_bits(v)
#define WRITE_int32(v, p, i) (p)[i] = isnan(v) ? 0 : convert_int_sat_rtz(v)
#define WRITE_uint8(v, p, i) (p)[i] = isnan(v) ? 0 : convert_uchar_sat_rtz(v)

// To nearest, ties to even.
static inline ushort bfloat16_bits(float v) {
  uint bits = as_uint(v);
  if (isnan(v)) {
    // Rounding could carry a NaN's low bits away and leave infinity.
    return (bits >> 16) | 0x40;
  }
  return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
}

#define CAST(from, from_type, to, to_type)                                                            \
  kernel void cast_##from##_##to(IN(from_type, x), OUT(to_type, y), const int n) {                    \
    int first = first_element();                                                                      \
    int end = min(first + ELEMENT_VECTOR, n);                                                         \
    for (int i = first; i < end; i++) {                                                               \
      float v = READ_##from(AT(x), i);                                                                \
      WRITE_##to(v, AT(y), i);                                                                        \
    }                                                                                                 \
  }

CAST(float32, float, float16, ushort)
CAST(float32, float, bfloat16, ushort)
CAST(float32, float, int32, int)
CAST(float32, float, uint8, uchar)
CAST(float16, ushort, float32, float)
CAST(float16, ushort, bfloat16, ushort)
CAST(float16, ushort, int32, int)
CAST(float16, ushort, uint8, uchar)
CAST(bfloat16, ushort, float32, float)
CAST(bfloat16, ushort, float16, ushort)
CAST(bfloat16, ushort, int32, int)
CAST(bfloat16, ushort, uint8, uchar)
CAST(int32, int, float32, float)
CAST(int32, int, float16, ushort)
CAST(int32, int, bfloat16, ushort)
CAST(int32, int, uint8, uchar)
CAST(uint8, uchar, float32, float)
CAST(uint8, uchar, float16, ushort)
CAST(uint8, uchar, bfloat16, ushort)
CAST(uint8, uchar, int32, int)
