// Where the elements of operands are that are stepped through in nested loops, by broadcasting or in
// another order: the numbers of Java's Loops, as an argument.

// The loops around the innermost that Launcher can hand over.
#define OUTER_LOOPS 8

// The innermost loop has an extent and a step for each of two operands. The loops around it have an
// extent and strides each, outermost first.
typedef struct {
  divisor inner;
  int step[2];
  int outer;
  divisor extent[OUTER_LOOPS];
  int stride[2][OUTER_LOOPS];
} loops;

// Where a run of the innermost loop begins in both operands.
static inline int2 row_start(const loops *l, int row) {
  int2 at = (int2)(0, 0);
  // The outermost index needs no division.
  for (int k = l->outer - 1; k >= 0; k--) {
    int outside = k > 0 ? divide(row, &l->extent[k]) : 0;
    int index = row - outside * l->extent[k].by;
    at += index * (int2)(l->stride[0][k], l->stride[1][k]);
    row = outside;
  }
  return at;
}

// Where an element is in both operands.
static inline int2 element_at(const loops *l, int i) {
  int row = divide(i, &l->inner);
  return row_start(l, row) + (i - row * l->inner.by) * (int2)(l->step[0], l->step[1]);
}
