// Sums, means and maxima over axes, and what other families need of them.
//
// An axis that is reduced, with what lies outside and inside of it, makes x an array [outer, extent,
// inner]. Where inner is 1, rows are reduced, else columns. Long ones are cut into segments, whose
// results are reduced in another launch. Segments follow from the shape, so that the bits do not depend on
// timing, and they are short, so that rounding errors do not grow with the extent.
//
// Rows: a work-item a segment, or a work group that shares it and adds up by a tree in local memory
// (kernels named together). Columns: see columns.cl. Memory bounds all of this.

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
static inline float reduced_segment(int max, global const float *x, int i, int length, int segments,
                                    int segment, int item, int items, local float *t) {
  int from = i % segments * segment;
  global const float *row = x + i / segments * length;
  return reduced_row(max, row + from, min(segment, length - from), item, items, t);
}

// ---- Columns

// Reduces each array of n elements to [segments, width].
INLINED void reduce_part(int max, global const float *x, global float *y, int n, int width, int segments,
                         Part p, float scale) {
  if (p.vectors == 0) {
    return;
  }
  global const float *from = x + p.array * n;
  global float *to = y + (p.array * segments + p.segment) * width;
  floats v[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, { v[k] = (floats)(IDENTITY(max)); })
#pragma unroll ROWS_UNROLLED
  for (int r = p.row; r < p.end; r++) {
    global const float *row = from + r * width;
    EACH_VECTOR(p.whole, p.vectors, {
      floats e = READ(row, p.column + k * ELEMENT_VECTOR, width);
      v[k] = COMBINED(max, v[k], e);
    })
  }
  EACH_VECTOR(p.whole, p.vectors, { WRITE(v[k] * scale, to, p.column + k * ELEMENT_VECTOR, width) })
  for (int c = p.column; c < p.rest; c++) {
    float e = from[p.end * width + c] * scale;
    to[c] = COMBINED(max, to[c], e);
  }
}

// Reduces column c of an array.
INLINED float reduced_column(int max, global const float *x, int rows, int columns, int item, int items,
                             local float *t) {
  float v = IDENTITY(max);
  for (int r = item; r < rows; r += items) {
    float e = x[r * columns];
    v = COMBINED(max, v, e);
  }
  return joined(max, v, items, t);
}

#define REDUCTION(name, max)                                                                          \
  kernel void name##_rows(IN(float, x), OUT(float, y), const int length, const int segments,          \
                          const int segment, const float scale, const int results) {                  \
    int i = get_global_id(0);                                                                         \
    if (i < results) {                                                                                \
      AT(y)[i] = scale * reduced_segment(max, AT(x), i, length, segments, segment, ALONE);            \
    }                                                                                                 \
  }                                                                                                   \
                                                                                                      \
  kernel void name##_rows_together(IN(float, x), OUT(float, y), const int length, const int segments, \
                                   const int segment, const float scale, local float *t) {            \
    int i = get_group_id(0);                                                                          \
    float v = reduced_segment(max, AT(x), i, length, segments, segment, TOGETHER(t));                 \
    if (get_local_id(0) == 0) {                                                                       \
      AT(y)[i] = scale * v;                                                                           \
    }                                                                                                 \
  }                                                                                                   \
                                                                                                      \
  kernel void name##_columns(IN(float, x), OUT(float, y), CUT, const float scale) {                   \
    reduce_part(max, AT(x), AT(y), n, width, segments, PART, scale);                                  \
  }                                                                                                   \
                                                                                                      \
  /* A work group has a column of [arrays, rows, columns]. */                                         \
  kernel void name##_columns_together(IN(float, x), OUT(float, y), const int rows, const int columns, \
                                      const float scale, local float *t) {                            \
    int i = get_group_id(0);                                                                          \
    int array = i / columns;                                                                          \
    global const float *from = AT(x) + array * rows * columns + (i - array * columns);                \
    float v = reduced_column(max, from, rows, columns, TOGETHER(t));                                  \
    if (get_local_id(0) == 0) {                                                                       \
      AT(y)[i] = scale * v;                                                                           \
    }                                                                                                 \
  }

REDUCTION(sum, 0)
REDUCTION(max, 1)
