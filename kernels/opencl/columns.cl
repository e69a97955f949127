// Passes over arrays of rows and columns that have something for each column: sums over the rows, or
// factors to multiply with. Java's Columns cuts them.
//
// An array is seen as rows of `width` columns, a multiple of its own where those are few or end within a
// vector; the last row may then be short. A work-item has a panel of COLUMN_VECTORS vectors side by side
// in the rows of a segment:
//
//                panel 0   panel 1  ...
//               +---------+---------+--
//   segment 0   |   |     |         |        A CPU walks a wide panel row by row, as it lies in memory; on
//   of the rows |   v     |         |        a GPU a panel is one column, and neighbouring work-items read
//               +---------+---------+--      neighbouring columns.
//             1 |         |         |
//
// All of it follows from the shape, so that sums are the same every time. COLUMN_VECTORS: 1, 4, 16 or 64.

// On a GPU the reads of several rows are under way at a time; a CPU has a row's vectors for that.
#if COLUMN_VECTORS == 1
#define ROWS_UNROLLED 8
#else
#define ROWS_UNROLLED 1
#endif

// Does something for vectors k = 0 to below `vectors`, at least one, of which the first `whole` are certainly
// whole:
//
//   EACH_VECTOR(whole, vectors, {
//     int i = first + k * ELEMENT_VECTOR;
//     WRITE(READ(x, i, n) * factor[k], y, i, n)
//   })
//
// READ and WRITE, as get_at and put_at, check only the others: the checks would double a CPU's time. A
// single vector is no loop, so that a GPU's reads in the loop around it can be under way together.
#if COLUMN_VECTORS == 1
#define EACH_VECTOR(whole, vectors, ...)                                                              \
  {                                                                                                   \
    const int k = 0;                                                                                  \
    const bool is_whole = ELEMENT_VECTOR == 1 || (whole) == 1;                                        \
    (void)is_whole;                                                                                   \
    __VA_ARGS__                                                                                       \
  }
#else
#define EACH_VECTOR(whole, vectors, ...)                                                              \
  {                                                                                                   \
    const bool is_whole = true;                                                                       \
    (void)is_whole;                                                                                   \
    for (int k = 0; k < (whole); k++)                                                                 \
      __VA_ARGS__                                                                                     \
  }                                                                                                   \
  {                                                                                                   \
    const bool is_whole = false;                                                                      \
    (void)is_whole;                                                                                   \
    for (int k = (whole); k < (vectors); k++)                                                         \
      __VA_ARGS__                                                                                     \
  }
#endif
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

// How arrays of n elements are cut, as parameters of a kernel. The work-items of an array are its segments
// times the panels; those of all arrays lie along the one axis of the grid.
#define CUT                                                                                           \
  const int arrays, const int n, const int width, const int rows, const int segment,                  \
      const int segments, const divisor panels, const divisor items
#define PART part_of(arrays, n, width, rows, segment, segments, &panels, &items)

// What a work-item has of it: vectors at `column` (up to the width, none where the work-item is beyond the
// last), of which the first are whole, rows from `row` to `end`, and of the short row at `end` columns
// `column` to `rest`.
typedef struct {
  int array;
  int segment;
  int column;
  int vectors;
  int whole;
  int row;
  int end;
  int rest;
} Part;

static inline Part part_of(int arrays, int n, int width, int rows, int segment, int segments,
                           const divisor *panels, const divisor *items) {
  int panel = COLUMN_VECTORS * ELEMENT_VECTOR;
  Part p;
  p.array = divide(get_global_id(0), items);
  int i = (int)get_global_id(0) - p.array * items->by;
  p.segment = divide(i, panels);
  p.column = (i - p.segment * panels->by) * panel;
  int vectors = (width - p.column + ELEMENT_VECTOR - 1) / ELEMENT_VECTOR;
  p.vectors = p.array < arrays ? min(vectors, COLUMN_VECTORS) : 0;
  p.whole = min(p.vectors, (width - p.column) / ELEMENT_VECTOR);
  p.row = p.segment * segment;
  p.end = min(p.row + segment, rows);
  p.rest = p.segment == segments - 1 ? min(n - rows * width, p.column + panel) : 0;
  return p;
}
