// Losses and their gradients.
//
// Cross-entropy: rows of n logits, each a work-item's or a work group's as in softmax.cl; it leaves
// each row's loss, whose mean reduce.cl takes. Squared errors: segments as the rows of reduce.cl. The
// gradients are element-wise. All but the exponential is bound by memory.

// The cross-entropy of a row; the probabilities to p.
static inline float cross_entropy_row(global const float *x, int label, global float *p, int n,
                                      float smoothing, int item, int items, local float *t) {
  float max = reduced_row(1, x, n, item, items, t);
  float sum = exponentials(x, max, p, n, item, items, t);
  scale_row(1 / sum, p, n, item, items);
  float log_sum = log(sum);
  float mean = smoothing > 0 ? reduced_row(0, x, n, item, items, t) / n : 0;
  if (label < 0 || label >= n) {
    return NAN;
  }
  float loss = (1 - smoothing) * (max - x[label] + log_sum);
  return smoothing > 0 ? loss + smoothing * (max - mean + log_sum) : loss;
}

kernel void cross_entropy(IN(float, x), IN(int, labels), OUT(float, p), OUT(float, losses), const int n,
                          const float smoothing, const int rows) {
  int row = get_global_id(0);
  if (row < rows) {
    AT(losses)[row] =
        cross_entropy_row(AT(x) + row * n, AT(labels)[row], AT(p) + row * n, n, smoothing, ALONE);
  }
}

kernel void cross_entropy_together(IN(float, x), IN(int, labels), OUT(float, p), OUT(float, losses),
                                   const int n, const float smoothing, local float *t) {
  int row = get_group_id(0);
  float loss =
      cross_entropy_row(AT(x) + row * n, AT(labels)[row], AT(p) + row * n, n, smoothing, TOGETHER(t));
  if (get_local_id(0) == 0) {
    AT(losses)[row] = loss;
  }
}

// A work-item has a vector of a row, of which there are so many in a row.
kernel void cross_entropy_grad(IN(float, dloss), IN(float, p), IN(int, labels), OUT(float, dx),
                               const int rows, const int n, const divisor vectors, const float smoothing) {
  int row = divide(get_global_id(0), &vectors);
  if (row >= rows) {
    return;
  }
  int at = ((int)get_global_id(0) - row * vectors.by) * ELEMENT_VECTOR;
  float scale = AT(dloss)[0] / rows;
  float other = smoothing / n;
  global const float *from = AT(p) + row * n;
  global float *to = AT(dx) + row * n;
  put_at(scale * (get_at(from, at, n) - other), to, at, n);
  int label = AT(labels)[row];
  if (label >= at && label < min(at + ELEMENT_VECTOR, n)) {
    to[label] = scale * (from[label] - (1 - smoothing + other));
  }
}

static inline float squared_error(global const float *a, global const float *b, int n, int item, int items,
                                  local float *t) {
  floats v = (floats)(0);
  for (int i = item * ELEMENT_VECTOR; i < n; i += items * ELEMENT_VECTOR) {
    floats d = get_at(a, i, n) - get_at(b, i, n);
    v = fma(d, d, v);
  }
  return joined(0, across(0, v), items, t);
}

kernel void squared_errors(IN(float, a), IN(float, b), OUT(float, y), const int n, const int segment,
                           const int results) {
  int i = get_global_id(0);
  if (i < results) {
    int from = i * segment;
    AT(y)[i] = squared_error(AT(a) + from, AT(b) + from, min(segment, n - from), ALONE);
  }
}

kernel void squared_errors_together(IN(float, a), IN(float, b), OUT(float, y), const int n, const int segment,
                                    local float *t) {
  int from = (int)get_group_id(0) * segment;
  float v = squared_error(AT(a) + from, AT(b) + from, min(segment, n - from), TOGETHER(t));
  if (get_local_id(0) == 0) {
    AT(y)[get_group_id(0)] = v;
  }
}

kernel void mean_squared_error_grad(IN(float, dloss), IN(float, a), IN(float, b), OUT(float, da),
                                    const int n) {
  float scale = 2 * AT(dloss)[0] / n;
  put((get(AT(a), n) - get(AT(b), n)) * scale, AT(da), n);
}
