// Sums, means and maxima over axes, their positions, and what other families need of them.
//
// An axis that is reduced, with what lies outside and inside of it, makes x an array [outer, extent,
// inner]. Where inner is 1, rows are reduced, else columns. Long ones are cut into segments, whose
// results are reduced in another launch. Segments follow from the shape, so the bits do not depend on
// timing, and they are short, so rounding errors do not grow with the extent.
//
//   Rows: a work-item a segment (reduce_rows), or a work group that shares it and adds up by a tree in
//   local memory (reduce_rows_together).
//
//   Columns (also in norm.cl): x is seen as rows of `width` columns, a multiple of `inner` where that
//   is narrow or no multiple of the vector; the last row may then be short. A work-item has a panel
//   of COLUMN_VECTORS vectors side by side in some rows:
//
//             panel 0   panel 1  ...
//            +---------+---------+--
//   segment 0|   |     |         |        A CPU walks a wide panel row by row, as it lies in memory; on
//   rows     |   v     |         |        a GPU a panel is one column, and neighbouring work-items read
//            +---------+---------+--      neighbouring columns.
//          1 |         |         |
//
// COLUMN_VECTORS: 1, 4, 16 or 64. Memory bounds all of this.

// On a GPU the reads of several rows are under way at a time; a CPU has a row's vectors for that.
#if COLUMN_VECTORS == 1
#define ROWS_UNROLLED 8
#else
#define ROWS_UNROLLED 1
#endif

// The larger, or NaN where either is.
#define LARGER(a, b) ((((b) > (a)) | ((b) != (b))) ? (b) : (a))
// The larger or the sum.
#define COMBINED(max, a, b) ((max) ? LARGER(a, b) : (a) + (b))
#define IDENTITY(max) ((max) ? -INFINITY : 0.0f)

// ---- Rows

// How many work-items share a row, the number of this one, and their local memory, a float each.
#define ALONE 0, 1, 0
#define TOGETHER(t) get_local_id(0), get_local_size(0), t

static inline float across(int max, floats v) {
#if ELEMENT_VECTOR == 1
  return v;
#else
  float lane[ELEMENT_VECTOR];
  PER_ELEMENT(vstore)(v, 0, lane);
  for (int step = ELEMENT_VECTOR / 2; step > 0; step /= 2) {
    for (int k = 0; k < step; k++) {
      lane[k] = COMBINED(max, lane[k], lane[k + step]);
    }
  }
  return lane[0];
#endif
}

// Combines a number of each of `items` work-items, a power of two; each gets the result.
static inline float joined(int max, float v, int items, local float *t) {
  if (items == 1) {
    return v;
  }
  int i = get_local_id(0);
  t[i] = v;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int step = items / 2; step > 0; step /= 2) {
    if (i < step) {
      t[i] = COMBINED(max, t[i], t[i + step]);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  v = t[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  return v;
}

static inline float reduced_row(int max, global const float *x, int n, int item, int items, local float *t) {
  floats v = (floats)(IDENTITY(max));
  int whole = n - n % ELEMENT_VECTOR;
  for (int i = item * ELEMENT_VECTOR; i < whole; i += items * ELEMENT_VECTOR) {
    floats e = get_at(x, i, whole);
    v = COMBINED(max, v, e);
  }
  float all = across(max, v);
  for (int i = whole + item; i < n; i += items) {
    all = COMBINED(max, all, x[i]);
  }
  return joined(max, all, items, t);
}

// Result i: segment i % segments of row i / segments.
static inline float reduced_segment(int max, global const float *x, int i, int length, int segments, int segment,
                      int item, int items, local float *t) {
  int from = i % segments * segment;
  global const float *row = x + i / segments * length;
  return reduced_row(max, row + from, min(segment, length - from), item, items, t);
}

kernel void reduce_rows(IN(float, x), OUT(float, y), const int length, const int segments, const int segment,
                        const int max, const float scale, const int results) {
  int i = get_global_id(0);
  if (i < results) {
    AT(y)[i] = scale * reduced_segment(max, AT(x), i, length, segments, segment, ALONE);
  }
}

kernel void reduce_rows_together(IN(float, x), OUT(float, y), const int length, const int segments,
                                 const int segment, const int max, const float scale, local float *t) {
  int i = get_group_id(0);
  float v = reduced_segment(max, AT(x), i, length, segments, segment, TOGETHER(t));
  if (get_local_id(0) == 0) {
    AT(y)[i] = scale * v;
  }
}

// ---- Columns

// Does something for vectors k = 0 to below `vectors` of which the first `whole` are certainly whole:
//
//   EACH_VECTOR(whole, vectors, { WRITE(READ(x, i + k * ELEMENT_VECTOR, n) * s[k], y, i + k * ELEMENT_VECTOR, n); })
//
// READ and WRITE, as get_at and put_at, check only the others: the checks would double a CPU's time.
#define EACH_VECTOR(whole, vectors, ...)                                                              \
  {                                                                                                   \
    const bool is_whole = true;                                                                       \
    for (int k = 0; k < (whole); k++)                                                                 \
      __VA_ARGS__                                                                                     \
  }                                                                                                   \
  {                                                                                                   \
    const bool is_whole = false;                                                                      \
    for (int k = (whole); k < (vectors); k++)                                                         \
      __VA_ARGS__                                                                                     \
  }
#define READ(p, i, n) (is_whole ? LOAD_ELEMENTS((p) + (i)) : get_at(p, i, n))
#define WRITE(values, p, i, n)                                                                        \
  if (is_whole) {                                                                                     \
    STORE_ELEMENTS(values, (p) + (i));                                                                \
  } else {                                                                                            \
    put_at(values, p, i, n);                                                                          \
  }

// The same for int.
static inline ints get_ints(global const int *p, int i, int n) {
#if ELEMENT_VECTOR == 1
  return p[i];
#else
  if (i + ELEMENT_VECTOR <= n) {
    return PER_ELEMENT(vload)(0, p + i);
  }
  int v[ELEMENT_VECTOR];
  for (int k = 0; k < ELEMENT_VECTOR; k++) {
    v[k] = i + k < n ? p[i + k] : 0;
  }
  return PER_ELEMENT(vload)(0, v);
#endif
}

static inline void put_ints(ints values, global int *p, int i, int n) {
#if ELEMENT_VECTOR == 1
  p[i] = values;
#else
  if (i + ELEMENT_VECTOR <= n) {
    PER_ELEMENT(vstore)(values, 0, p + i);
    return;
  }
  int v[ELEMENT_VECTOR];
  PER_ELEMENT(vstore)(values, 0, v);
  for (int k = 0; k < n - i; k++) {
    p[i + k] = v[k];
  }
#endif
}

#define READ_INTS(p, i, n) (is_whole ? LOAD_ELEMENTS((p) + (i)) : get_ints(p, i, n))
#define WRITE_INTS(values, p, i, n)                                                                   \
  if (is_whole) {                                                                                     \
    STORE_ELEMENTS(values, (p) + (i));                                                                \
  } else {                                                                                            \
    put_ints(values, p, i, n);                                                                        \
  }

// What a work-item has of n elements in rows of a width: vectors at `column` (up to the width, none
// where the work-item is beyond the last), of which the first are whole, rows from `row` to `end`, and of
// the short row at `end` columns `column` to `rest`.
typedef struct {
  int segment;
  int column;
  int vectors;
  int whole;
  int row;
  int end;
  int rest;
} Part;

static inline Part part_of(int n, int width, int segment) {
  int i = get_global_id(0);
  int panel = COLUMN_VECTORS * ELEMENT_VECTOR;
  int panels = (width + panel - 1) / panel;
  int rows = n / width;
  int segments = (rows + segment - 1) / segment;
  Part p;
  p.segment = i / panels;
  p.column = i % panels * panel;
  int vectors = (width - p.column + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR;
  p.vectors = p.segment < segments ? min(vectors, COLUMN_VECTORS) : 0;
  p.whole = min(p.vectors, (width - p.column) / ELEMENT_VECTOR);
  p.row = p.segment * segment;
  p.end = min(p.row + segment, rows);
  p.rest = p.segment == segments - 1 ? min(n - rows * width, p.column + panel) : 0;
  return p;
}

// Reduces each array of n elements along axis 1 of the grid to [segments, width].
kernel void reduce_columns(IN(float, x), OUT(float, y), const int n, const int width, const int segment,
                           const int max, const float scale) {
  Part p = part_of(n, width, segment);
  if (p.vectors == 0) {
    return;
  }
  int segments = (n / width + segment - 1) / segment;
  global const float *from = AT(x) + (int)get_global_id(1) * n;
  global float *to = AT(y) + ((int)get_global_id(1) * segments + p.segment) * width;
  floats v[COLUMN_VECTORS];
  for (int k = 0; k < p.vectors; k++) {
    v[k] = (floats)(IDENTITY(max));
  }
#pragma unroll ROWS_UNROLLED
  for (int r = p.row; r < p.end; r++) {
    global const float *row = from + r * width;
    EACH_VECTOR(p.whole, p.vectors, {
      floats e = READ(row, p.column + k * ELEMENT_VECTOR, width);
      v[k] = COMBINED(max, v[k], e);
    })
  }
  for (int k = 0; k < p.vectors; k++) {
    put_at(v[k] * scale, to, p.column + k * ELEMENT_VECTOR, width);
  }
  for (int c = p.column; c < p.rest; c++) {
    float e = from[p.end * width + c] * scale;
    to[c] = COMBINED(max, to[c], e);
  }
}

// Reduces [axis 1 of the grid, rows, columns] over the rows, a work group a column.
kernel void reduce_columns_together(IN(float, x), OUT(float, y), const int rows, const int columns,
                                    const int max, const float scale, local float *t) {
  int c = get_group_id(0);
  global const float *from = AT(x) + (int)get_group_id(1) * rows * columns + c;
  float v = IDENTITY(max);
  for (int r = get_local_id(0); r < rows; r += get_local_size(0)) {
    float e = from[r * columns];
    v = COMBINED(max, v, e);
  }
  v = joined(max, v, get_local_size(0), t);
  if (get_local_id(0) == 0) {
    AT(y)[(int)get_group_id(1) * columns + c] = v * scale;
  }
}

// ---- Positions of the largest

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

// Of x as [axis 1 of the grid, extent, inner] a work-item has some columns.
#define ARGMAX_VECTORS (COLUMN_VECTORS < 4 ? COLUMN_VECTORS : 4)
kernel void argmax_columns(IN(float, x), OUT(int, y), const int extent, const int inner) {
  int column = (int)get_global_id(0) * (ARGMAX_VECTORS * ELEMENT_VECTOR);
  int outer = get_global_id(1);
  int vectors = clamp((inner - column + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR, 0, ARGMAX_VECTORS);
  int whole = clamp((inner - column) / ELEMENT_VECTOR, 0, ARGMAX_VECTORS);
  floats largest[ARGMAX_VECTORS];
  ints at[ARGMAX_VECTORS];
  for (int k = 0; k < vectors; k++) {
    largest[k] = (floats)(-INFINITY);
    at[k] = (ints)(0);
  }
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
