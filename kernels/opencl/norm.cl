// Batch normalization, for pixels as rows and channels as columns, with the residual addition and the ReLU
// that follow.
//
// norm_moments gives the mean and the squared deviations of each part of a column, norm_statistics combines
// them, norm_forward normalizes. Arrays are cut as in columns.cl; what is given per channel is repeated
// along a row there. Memory bounds it: x is read twice.

#define MOMENTS_BLOCK 8

// Of numbers per channel those of a vector's columns.
static inline floats per_channel(global const float *p, int column, int channels) {
  int c = column < channels ? column : column % channels;
#if ELEMENT_VECTOR == 1
  return p[c];
#else
  if (c + ELEMENT_VECTOR <= channels) {
    return LOAD_ELEMENTS(p + c);
  }
  float v[ELEMENT_VECTOR];
  for (int k = 0; k < ELEMENT_VECTOR; k++) {
    v[k] = p[c];
    c = c + 1 < channels ? c + 1 : 0;
  }
  return LOAD_ELEMENTS(v);
#endif
}

// Of a block of rows, which stay in the cache, the sums and then the squared deviations from the mean: the
// mean of the squares less the square of the mean would lose all digits where the mean is large. Blocks
// join by the formula of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
// Computing Sample Variances", 1979.
kernel void norm_moments(IN(float, x), OUT(float, means), OUT(float, squares), CUT) {
  Part p = PART;
  if (p.vectors == 0) {
    return;
  }
  floats mean[COLUMN_VECTORS];
  floats square[COLUMN_VECTORS];
  floats block[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, {
    mean[k] = (floats)(0);
    square[k] = (floats)(0);
  })
  for (int first = p.row; first < p.end; first += MOMENTS_BLOCK) {
    int end = min(first + MOMENTS_BLOCK, p.end);
    float rows = end - first;
    float before = first - p.row;
    EACH_VECTOR(p.vectors, p.vectors, { block[k] = (floats)(0); })
#pragma unroll ROWS_UNROLLED
    for (int r = first; r < end; r++) {
      global const float *row = AT(x) + r * width;
      EACH_VECTOR(p.whole, p.vectors, { block[k] += READ(row, p.column + k * ELEMENT_VECTOR, width); })
    }
    float part = 1 / rows;
    float weight = rows / (before + rows);
    float between = weight * before;
    EACH_VECTOR(p.vectors, p.vectors, {
      block[k] *= part;
      floats d = block[k] - mean[k];
      mean[k] = fma(d, (floats)(weight), mean[k]);
      square[k] = fma(d * d, (floats)(between), square[k]);
    })
#pragma unroll ROWS_UNROLLED
    for (int r = first; r < end; r++) {
      global const float *row = AT(x) + r * width;
      EACH_VECTOR(p.whole, p.vectors, {
        floats d = READ(row, p.column + k * ELEMENT_VECTOR, width) - block[k];
        square[k] = fma(d, d, square[k]);
      })
    }
  }
  global float *to_means = AT(means) + p.segment * width;
  global float *to_squares = AT(squares) + p.segment * width;
  EACH_VECTOR(p.vectors, p.vectors, {
    put_at(mean[k], to_means, p.column + k * ELEMENT_VECTOR, width);
    put_at(square[k], to_squares, p.column + k * ELEMENT_VECTOR, width);
  })
}

// Adds a vector of each of `items` work-items, a power of two; each gets the result.
static inline floats total(floats v, int items, local floats *t) {
  if (items == 1) {
    return v;
  }
  int i = get_local_id(0);
  t[i] = v;
  barrier(CLK_LOCAL_MEM_FENCE);
  for (int step = items / 2; step > 0; step /= 2) {
    if (i < step) {
      t[i] += t[i + step];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
  v = t[0];
  barrier(CLK_LOCAL_MEM_FENCE);
  return v;
}

// The mean of the numbers in all parts of a column, and of the pixels in a short last row. Differences
// from one of the parts' means keep the digits that a large mean would cost.
static inline floats mean_of_parts(global const float *means, global const float *x, int n, int width,
                                   int segment, int channel, int channels, int item, int items,
                                   local floats *t) {
  int rows = n / width;
  floats base = get_at(means, channel, channels);
  floats sum = (floats)(0);
  for (int s = item; s * segment < rows; s += items) {
    floats count = (floats)(min(segment, rows - s * segment));
    for (int at = s * width; at < (s + 1) * width; at += channels) {
      sum = fma(count, get_at(means + at, channel, channels) - base, sum);
    }
  }
  for (int at = rows * width + item * channels; at < n; at += items * channels) {
    sum += get_at(x + at, channel, channels) - base;
  }
  return base + total(sum, items, t) / (n / channels);
}

// The squared deviations of all parts from the mean.
static inline floats squares_of_parts(global const float *means, global const float *squares, floats mean,
                                      global const float *x, int n, int width, int segment, int channel,
                                      int channels, int item, int items, local floats *t) {
  int rows = n / width;
  floats sum = (floats)(0);
  for (int s = item; s * segment < rows; s += items) {
    floats count = (floats)(min(segment, rows - s * segment));
    for (int at = s * width; at < (s + 1) * width; at += channels) {
      floats d = get_at(means + at, channel, channels) - mean;
      sum += fma(count * d, d, get_at(squares + at, channel, channels));
    }
  }
  for (int at = rows * width + item * channels; at < n; at += items * channels) {
    floats d = get_at(x + at, channel, channels) - mean;
    sum = fma(d, d, sum);
  }
  return total(sum, items, t);
}

static inline void update_running(global float *running, floats batch, float momentum, int channel,
                                  int channels) {
  floats before = get_at(running, channel, channels);
  put_at(momentum * batch + (1 - momentum) * before, running, channel, channels);
}

#define STATISTICS_PARAMETERS                                                                         \
  IN(float, means), IN(float, squares), IN(float, x), INOUT(float, running_mean),                     \
      INOUT(float, running_variance), OUT(float, mean), OUT(float, inverse), const int n,             \
      const int width, const int segment, const int channels, const float eps, const float momentum

#define STATISTICS(channel, item, items, t)                                                           \
  floats m = mean_of_parts(AT(means), AT(x), n, width, segment, channel, channels, item, items, t);   \
  floats square = squares_of_parts(AT(means), AT(squares), m, AT(x), n, width, segment, channel,      \
                                   channels, item, items, t);                                         \
  if (item == 0) {                                                                                    \
    float pixels = n / channels;                                                                      \
    update_running(AT(running_mean), m, momentum, channel, channels);                                 \
    update_running(AT(running_variance), square / max(pixels - 1, 1.0f), momentum, channel, channels); \
    put_at(m, AT(mean), channel, channels);                                                           \
    put_at(1 / sqrt(square / pixels + eps), AT(inverse), channel, channels);                          \
  }

// A vector of channels a work-item, or a work group.
kernel void norm_statistics(STATISTICS_PARAMETERS, const int results) {
  int i = get_global_id(0);
  if (i < results) {
    STATISTICS(i * ELEMENT_VECTOR, 0, 1, 0)
  }
}

kernel void norm_statistics_together(STATISTICS_PARAMETERS, local floats *t) {
  STATISTICS((int)get_group_id(0) * ELEMENT_VECTOR, (int)get_local_id(0), (int)get_local_size(0), t)
}

// What is given of the deviation is the variance, or 1 / sqrt(variance + eps).
static inline floats inverse_deviation(floats v, int is_variance, float eps) {
  return is_variance ? 1 / sqrt(v + eps) : v;
}

// y = relu(gamma (x - mean) / deviation + beta + residual). Without a residual that pointer is x: reading
// what is in the cache costs less than a branch between the reads.
kernel void norm_forward(IN(float, x), IN(float, gamma), IN(float, beta), IN(float, mean), IN(float, deviation),
                         IN(float, residual), OUT(float, y), CUT,
                         const int channels, const int is_variance, const float eps, const int relu,
                         const int has_residual) {
  Part p = PART;
  if (p.vectors == 0) {
    return;
  }
  floats m[COLUMN_VECTORS];
  floats scale[COLUMN_VECTORS];
  floats shift[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, {
    int c = p.column + k * ELEMENT_VECTOR;
    floats inverse = inverse_deviation(per_channel(AT(deviation), c, channels), is_variance, eps);
    m[k] = per_channel(AT(mean), c, channels);
    scale[k] = per_channel(AT(gamma), c, channels) * inverse;
    shift[k] = per_channel(AT(beta), c, channels);
  })
  floats least = (floats)(relu ? 0 : -INFINITY);
  int end = p.end + (p.rest > p.column ? 1 : 0);
  for (int r = p.row; r < end; r++) {
    int after = min((r + 1) * width, n);
    EACH_VECTOR(r < p.end ? p.whole : 0, p.vectors, {
      int i = r * width + p.column + k * ELEMENT_VECTOR;
      floats v = READ(AT(x), i, after);
      floats added = READ(AT(residual), i, after);
      v = fma(v - m[k], scale[k], shift[k]) + (has_residual ? added : (floats)(0));
      WRITE(v < least ? least : v, AT(y), i, after)
    })
  }
}
