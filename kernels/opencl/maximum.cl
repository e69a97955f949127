// Where the largest elements are, and the gradient of the maximum.
//
// argmax: the grid of rows is that of reduce.cl; of x as [outer, extent, inner] a work-item has a few
// columns. Gradient: an element a work-item. Memory bounds all of it.

// The first of equals is the largest, and so is NaN, which is unequal to itself.
#define IS_LARGER(v, largest) ((((v) > (largest)) | ((v) != (v))) & ((largest) == (largest)))
#define SAME(a, b) (((a) == (b)) | (((a) != (a)) & ((b) != (b))))

// The first element equal to v of those that a work-item looks at, or one beyond the last.
static inline int first_equal(global const float *x, float v, int n, int item, int items) {
  int i = item * ELEMENT_VECTOR;
#if ELEMENT_VECTOR > 1
  while (i + ELEMENT_VECTOR <= n && !any(SAME(LOAD_ELEMENTS(x + i), (floats)(v)))) {
    i += items * ELEMENT_VECTOR;
  }
#endif
  for (; i < n; i += items * ELEMENT_VECTOR) {
    for (int k = i; k < min(i + ELEMENT_VECTOR, n); k++) {
      if (SAME(x[k], v)) {
        return k;
      }
    }
  }
  return n;
}

kernel void argmax_rows(IN(float, x), OUT(int, y), const int length, const int rows) {
  int i = get_global_id(0);
  if (i < rows) {
    global const float *row = AT(x) + i * length;
    AT(y)[i] = first_equal(row, reduced_row(1, row, length, ALONE), length, 0, 1);
  }
}

kernel void argmax_rows_together(IN(float, x), OUT(int, y), const int length, local float *t) {
  int item = get_local_id(0);
  int items = get_local_size(0);
  local int *at = (local int *)(t + items);
  global const float *row = AT(x) + (int)get_group_id(0) * length;
  float largest = reduced_row(1, row, length, item, items, t);
  at[item] = first_equal(row, largest, length, item, items);
  for (int step = items / 2; step > 0; step /= 2) {
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item < step) {
      at[item] = min(at[item], at[item + step]);
    }
  }
  if (item == 0) {
    AT(y)[get_group_id(0)] = at[0];
  }
}

// x is [outer, extent, inner]; panels are the work-items for [extent, inner].
#define ARGMAX_VECTORS (COLUMN_VECTORS < 4 ? COLUMN_VECTORS : 4)
kernel void argmax_columns(IN(float, x), OUT(int, y), const int results, const int extent, const int inner,
                           const divisor panels) {
  int outer = divide(get_global_id(0), &panels);
  int column = ((int)get_global_id(0) - outer * panels.by) * (ARGMAX_VECTORS * ELEMENT_VECTOR);
  int vectors = clamp((inner - column + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR, 0, ARGMAX_VECTORS);
  int whole = clamp((inner - column) / ELEMENT_VECTOR, 0, ARGMAX_VECTORS);
  if (vectors == 0 || outer >= results / inner) {
    return;
  }
  floats largest[ARGMAX_VECTORS];
  ints at[ARGMAX_VECTORS];
  EACH_VECTOR(vectors, vectors, {
    largest[k] = (floats)(-INFINITY);
    at[k] = (ints)(0);
  })
#pragma unroll ROWS_UNROLLED
  for (int r = 0; r < extent; r++) {
    global const float *row = AT(x) + (outer * extent + r) * inner;
    EACH_VECTOR(whole, vectors, {
      floats v = READ(row, column + k * ELEMENT_VECTOR, inner);
      ints larger = IS_LARGER(v, largest[k]);
      largest[k] = larger ? v : largest[k];
      at[k] = larger ? (ints)(r) : at[k];
    })
  }
  global int *to = AT(y) + outer * inner;
  EACH_VECTOR(whole, vectors, { WRITE_INTS(at[k], to, column + k * ELEMENT_VECTOR, inner) })
}

// ---- The gradient of the maximum, x as [outer, extent, inner] beside numbers as [outer, inner]

#define WITHOUT_EXTENT(i, extent, inner) ((i) / ((extent) * (inner)) * (inner) + (i) % (inner))

kernel void repeat_extent(IN(float, x), OUT(float, y), const int n, const int extent, const int inner) {
  int i = get_global_id(0);
  if (i < n) {
    AT(y)[i] = AT(x)[WITHOUT_EXTENT(i, extent, inner)];
  }
}

// 1 where x is the maximum, else 0.
kernel void mark_maxima(IN(float, x), IN(float, largest), OUT(float, y), const int n, const int extent,
                        const int inner) {
  int i = get_global_id(0);
  if (i < n) {
    AT(y)[i] = SAME(AT(x)[i], AT(largest)[WITHOUT_EXTENT(i, extent, inner)]) ? 1 : 0;
  }
}

// Turns the marks into the gradient, given how many marks share it.
kernel void share_maxima(INOUT(float, y), IN(float, dy), IN(float, count), const int n, const int extent,
                         const int inner) {
  int i = get_global_id(0);
  if (i < n) {
    int k = WITHOUT_EXTENT(i, extent, inner);
    AT(y)[i] = AT(y)[i] * (AT(dy)[k] / AT(count)[k]);
  }
}
