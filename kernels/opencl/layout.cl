// Moving elements of 1, 2 or 4 bytes: slices, concatenations, repetitions, other orders of axes, and
// fills. Memory bounds all of it.
//
// move steps through both tensors in loops (loops.cl), ELEMENT_VECTOR elements a work-item; where both
// lie in a row they are moved at once. It serves whatever keeps the last axis, and small planes.
//
// transpose cuts planes in which x's rows are y's columns into squares, so that the cache lines or
// memory transactions of both sides are used whole. On a CPU, a work-item moves a square of
// TRANSPOSE_SQUARE. On a GPU a work group moves one through local memory, as wide as the work group; a
// row there has one element more than it holds, so that a column's lie in different banks. Planes too
// narrow for that are left to move.
//
// TRANSPOSE_SQUARE: 8, 16 or 32.

#define LAYOUT(type, size)                                                                            \
  kernel void move_##size(IN(type, x), OUT(type, y), const int n, const loops l) {                    \
    int i = first_element();                                                                          \
    int row = divide(i, &l.inner);                                                                    \
    int column = i - row * l.inner.by;                                                                \
    int2 start = row_start(&l, row);                                                                  \
    if (i + ELEMENT_VECTOR <= n && column + ELEMENT_VECTOR <= l.inner.by && l.step[1] == 1) {         \
      if (l.step[0] == 1) {                                                                           \
        STORE_ELEMENTS(LOAD_ELEMENTS(AT(x) + start.x + column), AT(y) + start.y + column);            \
        return;                                                                                       \
      }                                                                                               \
      if (l.step[0] == 0) {                                                                           \
        STORE_ELEMENTS((PER_ELEMENT(type))(AT(x)[start.x]), AT(y) + start.y + column);                \
        return;                                                                                       \
      }                                                                                               \
    }                                                                                                 \
    int end = min(i + ELEMENT_VECTOR, n);                                                             \
    for (; i < end; i++) {                                                                            \
      AT(y)[start.y + column * l.step[1]] = AT(x)[start.x + column * l.step[0]];                      \
      if (++column == l.inner.by) {                                                                   \
        column = 0;                                                                                   \
        start = row_start(&l, ++row);                                                                 \
      }                                                                                               \
    }                                                                                                 \
  }                                                                                                   \
                                                                                                      \
  kernel void fill_##size(OUT(type, y), const int n, const int value) {                               \
    int first = first_element();                                                                      \
    int end = min(first + ELEMENT_VECTOR, n);                                                         \
    for (int i = first; i < end; i++) {                                                               \
      AT(y)[i] = (type)value;                                                                         \
    }                                                                                                 \
  }                                                                                                   \

LAYOUT(uchar, 1)
LAYOUT(ushort, 2)
LAYOUT(uint, 4)

// y[r y_pitch + c] = x[c x_pitch + r], r below height and c below width, for all planes. The loops say
// where planes begin. Work-items and work groups are numbered in one row, as other axes of a grid may
// be short.

#ifdef PROFILE_CPU
#define TRANSPOSE(type, size)                                                                         \
  kernel void transpose_##size(IN(type, x), OUT(type, y), const int planes, const loops l,            \
                               const int height, const int width, const int x_pitch,                  \
                               const int y_pitch) {                                                   \
    int down = (height + TRANSPOSE_SQUARE - 1) / TRANSPOSE_SQUARE;                                    \
    int across = (width + TRANSPOSE_SQUARE - 1) / TRANSPOSE_SQUARE;                                   \
    int square = get_global_id(0);                                                                    \
    int plane = square / across / down;                                                               \
    if (plane >= planes) {                                                                            \
      return;                                                                                         \
    }                                                                                                 \
    int r0 = square / across % down * TRANSPOSE_SQUARE;                                               \
    int c0 = square % across * TRANSPOSE_SQUARE;                                                      \
    int2 start = element_at(&l, plane);                                                               \
    for (int r = r0; r < min(r0 + TRANSPOSE_SQUARE, height); r++) {                                   \
      for (int c = c0; c < min(c0 + TRANSPOSE_SQUARE, width); c++) {                                  \
        AT(y)[start.y + r * y_pitch + c] = AT(x)[start.x + c * x_pitch + r];                          \
      }                                                                                               \
    }                                                                                                 \
  }
#else
#define TRANSPOSE(type, size)                                                                         \
  kernel void transpose_##size(IN(type, x), OUT(type, y), const loops l, const int height,            \
                               const int width, const int x_pitch, const int y_pitch,                 \
                               local type *tile) {                                                    \
    int edge = get_local_size(0);                                                                     \
    int down = (height + edge - 1) / edge;                                                            \
    int across = (width + edge - 1) / edge;                                                           \
    int square = get_group_id(0);                                                                     \
    int r0 = square / across % down * edge;                                                           \
    int c0 = square % across * edge;                                                                  \
    int2 start = element_at(&l, square / across / down);                                              \
    int i = get_local_id(0);                                                                          \
    for (int c = get_local_id(1); c < edge; c += get_local_size(1)) {                                 \
      if (r0 + i < height && c0 + c < width) {                                                        \
        tile[c * (edge + 1) + i] = AT(x)[start.x + (c0 + c) * x_pitch + r0 + i];                      \
      }                                                                                               \
    }                                                                                                 \
    barrier(CLK_LOCAL_MEM_FENCE);                                                                     \
    for (int r = get_local_id(1); r < edge; r += get_local_size(1)) {                                 \
      if (r0 + r < height && c0 + i < width) {                                                        \
        AT(y)[start.y + (r0 + r) * y_pitch + c0 + i] = tile[i * (edge + 1) + r];                      \
      }                                                                                               \
    }                                                                                                 \
  }
#endif

TRANSPOSE(uchar, 1)
TRANSPOSE(ushort, 2)
TRANSPOSE(uint, 4)

// dy between zeros: rows of `pitch`, of which `width` from `before` on are dy's.
kernel void slice_grad(IN(float, dy), OUT(float, dx), const int n, const int width, const int before,
                       const divisor pitch) {
  int i = first_element();
  int row = divide(i, &pitch);
  int column = i - row * pitch.by - before;
  if (column >= 0 && column + ELEMENT_VECTOR <= width) {
    put(get_at(AT(dy), row * width + column, n), AT(dx), n);
    return;
  }
  int end = min(i + ELEMENT_VECTOR, n);
  for (; i < end; i++) {
    bool inside = column >= 0 && column < width;
    AT(dx)[i] = inside ? AT(dy)[row * width + column] : 0;
    if (++column == pitch.by - before) {
      column = -before;
      row++;
    }
  }
}
