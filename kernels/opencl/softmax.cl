// Softmax over rows of n elements, its logarithm, and the gradients.
//
// A row is a work-item's, or a work group's that shares it (kernels named together), which adds up in
// local memory, a float a work-item; its size is a power of two. On a CPU the exponential bounds it,
// on a GPU memory does.

// y = exp(x - max); gives the sum.
static inline float exponentials(global const float *x, float max, global float *y, int n, int item,
                                 int items, local float *t) {
  floats v = (floats)(0);
  int whole = n - n % ELEMENT_VECTOR;
  for (int i = item * ELEMENT_VECTOR; i < whole; i += items * ELEMENT_VECTOR) {
    floats e = exp(get_at(x, i, whole) - max);
    put_at(e, y, i, whole);
    v += e;
  }
  float sum = across(0, v);
  for (int i = whole + item; i < n; i += items) {
    float e = exp(x[i] - max);
    y[i] = e;
    sum += e;
  }
  return joined(0, sum, items, t);
}

// y *= scale, of elements that the same work-item wrote.
static inline void scale_row(float scale, global float *y, int n, int item, int items) {
  int whole = n - n % ELEMENT_VECTOR;
  for (int i = item * ELEMENT_VECTOR; i < whole; i += items * ELEMENT_VECTOR) {
    put_at(get_at(y, i, whole) * scale, y, i, whole);
  }
  for (int i = whole + item; i < n; i += items) {
    y[i] *= scale;
  }
}

static inline void softmax_row(global const float *x, global float *y, int n, int item, int items,
                               local float *t) {
  float max = reduced_row(1, x, n, item, items, t);
  float sum = exponentials(x, max, y, n, item, items, t);
  scale_row(1 / sum, y, n, item, items);
}

static inline void log_softmax_row(global const float *x, global float *y, int n, int item, int items,
                                   local float *t) {
  float max = reduced_row(1, x, n, item, items, t);
  // y holds the exponentials for a moment; each work-item overwrites its own.
  float log_sum = log(exponentials(x, max, y, n, item, items, t));
  int whole = n - n % ELEMENT_VECTOR;
  for (int i = item * ELEMENT_VECTOR; i < whole; i += items * ELEMENT_VECTOR) {
    put_at(get_at(x, i, whole) - max - log_sum, y, i, whole);
  }
  for (int i = whole + item; i < n; i += items) {
    y[i] = x[i] - max - log_sum;
  }
}

// dx = y (dy - sum of y dy)
static inline void softmax_grad_row(global const float *dy, global const float *y, global float *dx, int n,
                                    int item, int items, local float *t) {
  floats v = (floats)(0);
  for (int i = item * ELEMENT_VECTOR; i < n; i += items * ELEMENT_VECTOR) {
    v = fma(get_at(y, i, n), get_at(dy, i, n), v);
  }
  float dot = joined(0, across(0, v), items, t);
  for (int i = item * ELEMENT_VECTOR; i < n; i += items * ELEMENT_VECTOR) {
    put_at(get_at(y, i, n) * (get_at(dy, i, n) - dot), dx, i, n);
  }
}

// dx = dy - exp(y) (sum of dy)
static inline void log_softmax_grad_row(global const float *dy, global const float *y, global float *dx,
                                        int n, int item, int items, local float *t) {
  floats sum = (floats)(reduced_row(0, dy, n, item, items, t));
  for (int i = item * ELEMENT_VECTOR; i < n; i += items * ELEMENT_VECTOR) {
    put_at(fma(-exp(get_at(y, i, n)), sum, get_at(dy, i, n)), dx, i, n);
  }
}

#define SOFTMAX_KERNELS(name)                                                                         \
  kernel void name(IN(float, x), OUT(float, y), const int n, const int rows) {                        \
    int row = get_global_id(0);                                                                       \
    if (row < rows) {                                                                                 \
      name##_row(AT(x) + row * n, AT(y) + row * n, n, ALONE);                                         \
    }                                                                                                 \
  }                                                                                                   \
                                                                                                      \
  kernel void name##_together(IN(float, x), OUT(float, y), const int n, local float *t) {             \
    int first = (int)get_group_id(0) * n;                                                             \
    name##_row(AT(x) + first, AT(y) + first, n, TOGETHER(t));                                         \
  }                                                                                                   \
                                                                                                      \
  kernel void name##_grad(IN(float, dy), IN(float, y), OUT(float, dx), const int n, const int rows) { \
    int row = get_global_id(0);                                                                       \
    if (row < rows) {                                                                                 \
      name##_grad_row(AT(dy) + row * n, AT(y) + row * n, AT(dx) + row * n, n, ALONE);                 \
    }                                                                                                 \
  }                                                                                                   \
                                                                                                      \
  kernel void name##_grad_together(IN(float, dy), IN(float, y), OUT(float, dx), const int n,          \
                                   local float *t) {                                                  \
    int first = (int)get_group_id(0) * n;                                                             \
    name##_grad_row(AT(dy) + first, AT(y) + first, AT(dx) + first, n, TOGETHER(t));                   \
  }

SOFTMAX_KERNELS(softmax)
SOFTMAX_KERNELS(log_softmax)
