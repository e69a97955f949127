// Batch normalization and its gradients, for pixels as rows and channels as columns, with the ReLU and
// the residual addition that follow.
//
// Forward: norm_moments gives the mean and the squared deviations of each part of a column,
// norm_statistics combines them, norm_forward normalizes. Backward: norm_grad_sums, norm_grad_finish and
// norm_backward likewise. The array is seen as wider rows and cut into panels and segments as in
// reduce.cl; what is given per channel is repeated along such a row. Memory bounds all passes: forward
// reads x twice, backward dy, x and y.

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

// The mean of a block of rows and the squared deviations from it: two steps, since the mean of the
// squares less the square of the mean would lose all digits where the mean is large.
static inline void block_moments(global const float *x, int pitch, int rows, int left, floats *mean,
                                 floats *squares) {
  floats sum = (floats)(0);
  floats square = (floats)(0);
  if (rows == COLUMN_BLOCK) {
    floats e[COLUMN_BLOCK];
#pragma unroll
    for (int k = 0; k < COLUMN_BLOCK; k++) {
      e[k] = get_at(x + k * pitch, 0, left);
      sum += e[k];
    }
    sum *= 1.0f / COLUMN_BLOCK;
#pragma unroll
    for (int k = 0; k < COLUMN_BLOCK; k++) {
      square = fma(e[k] - sum, e[k] - sum, square);
    }
  } else {
    for (int k = 0; k < rows; k++) {
      sum += get_at(x + k * pitch, 0, left);
    }
    sum /= rows;
    for (int k = 0; k < rows; k++) {
      floats d = get_at(x + k * pitch, 0, left) - sum;
      square = fma(d, d, square);
    }
  }
  *mean = sum;
  *squares = square;
}

// Blocks join by the formula of Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
// Computing Sample Variances", 1979.
kernel void norm_moments(IN(float, x), OUT(float, means), OUT(float, squares), const int n, const int width,
                         const int segment) {
  Part p = part_of(n, width, segment);
  if (p.vectors == 0) {
    return;
  }
  floats mean[COLUMN_VECTORS];
  floats square[COLUMN_VECTORS];
  for (int k = 0; k < p.vectors; k++) {
    mean[k] = (floats)(0);
    square[k] = (floats)(0);
  }
  for (int r = p.row; r < p.end; r += COLUMN_BLOCK) {
    int rows = min(COLUMN_BLOCK, p.end - r);
    int before = r - p.row;
    float weight = (float)rows / (before + rows);
    for (int k = 0; k < p.vectors; k++) {
      int c = p.column + k * ELEMENT_VECTOR;
      floats m;
      floats s;
      block_moments(AT(x) + r * width + c, width, rows, width - c, &m, &s);
      floats d = m - mean[k];
      mean[k] = fma(d, (floats)(weight), mean[k]);
      square[k] += fma(d * d, (floats)(weight * before), s);
    }
  }
  global float *to_means = AT(means) + p.segment * width;
  global float *to_squares = AT(squares) + p.segment * width;
  for (int k = 0; k < p.vectors; k++) {
    put_at(mean[k], to_means, p.column + k * ELEMENT_VECTOR, width);
    put_at(square[k], to_squares, p.column + k * ELEMENT_VECTOR, width);
  }
  float rows = p.end - p.row;
  for (int c = p.column; c < p.rest; c++) {
    float d = AT(x)[p.end * width + c] - to_means[c];
    to_means[c] += d / (rows + 1);
    to_squares[c] += d * d * (rows / (rows + 1));
  }
}

// How many numbers of a channel are in a part: column c of a segment of wide rows.
static inline float part_count(int part, int channel, int channels, int n, int width, int segment) {
  int joined = width / channels;
  int s = part / joined;
  int rows = n / width;
  int whole = min(segment, rows - s * segment);
  bool last = (s + 1) * segment >= rows;
  return whole + (last && part % joined * channels + channel < n - rows * width ? 1 : 0);
}

static inline void channel_statistics(global const float *means, global const float *squares, int channel,
                                      int channels, int n, int width, int segment, float eps, float momentum,
                                      global float *running_mean, global float *running_variance,
                                      global float *mean, global float *inverse, int item, int items,
                                      local float *t) {
  int parts = (n / width + segment - 1) / segment * (width / channels);
  float pixels = n / channels;
  // Differences from one of the means keep the digits that a large mean would cost.
  float base = means[channel];
  float sum = 0;
  for (int i = item; i < parts; i += items) {
    float count = part_count(i, channel, channels, n, width, segment);
    sum = fma(count, means[i * channels + channel] - base, sum);
  }
  float m = base + joined(0, sum, items, t) / pixels;
  float square = 0;
  for (int i = item; i < parts; i += items) {
    float count = part_count(i, channel, channels, n, width, segment);
    float d = means[i * channels + channel] - m;
    square += fma(count * d, d, squares[i * channels + channel]);
  }
  square = joined(0, square, items, t);
  if (item == 0) {
    float unbiased = square / max(pixels - 1, 1.0f);
    running_mean[channel] = fma(momentum, m, (1 - momentum) * running_mean[channel]);
    running_variance[channel] = fma(momentum, unbiased, (1 - momentum) * running_variance[channel]);
    mean[channel] = m;
    inverse[channel] = 1 / sqrt(square / pixels + eps);
  }
}

#define STATISTICS_PARAMETERS                                                                         \
  IN(float, means), IN(float, squares), INOUT(float, running_mean), INOUT(float, running_variance),   \
      OUT(float, mean), OUT(float, inverse), const int n, const int width, const int segment,         \
      const int channels, const float eps, const float momentum
#define CHANNEL_STATISTICS(channel, worker)                                                           \
  channel_statistics(AT(means), AT(squares), channel, channels, n, width, segment, eps, momentum,     \
                     AT(running_mean), AT(running_variance), AT(mean), AT(inverse), worker)

// A channel a work-item, or a work group.
kernel void norm_statistics(STATISTICS_PARAMETERS, const int results) {
  int channel = get_global_id(0);
  if (channel < results) {
    CHANNEL_STATISTICS(channel, ALONE);
  }
}

kernel void norm_statistics_together(STATISTICS_PARAMETERS, local float *t) {
  CHANNEL_STATISTICS(get_group_id(0), TOGETHER(t));
}

// What is given of the deviation is the variance, or 1 / sqrt(variance + eps).
static inline floats inverse_deviation(floats v, int is_variance, float eps) {
  return is_variance ? 1 / sqrt(v + eps) : v;
}

// y = relu(gamma (x - mean) / deviation + beta + residual)
kernel void norm_forward(IN(float, x), IN(float, gamma), IN(float, beta), IN(float, mean), IN(float, deviation),
                         IN(float, residual), OUT(float, y), const int n, const int width, const int segment,
                         const int channels, const int is_variance, const float eps, const int relu,
                         const int has_residual) {
  Part p = part_of(n, width, segment);
  floats m[COLUMN_VECTORS];
  floats scale[COLUMN_VECTORS];
  floats shift[COLUMN_VECTORS];
  for (int k = 0; k < p.vectors; k++) {
    int c = p.column + k * ELEMENT_VECTOR;
    floats inverse = inverse_deviation(per_channel(AT(deviation), c, channels), is_variance, eps);
    m[k] = per_channel(AT(mean), c, channels);
    scale[k] = per_channel(AT(gamma), c, channels) * inverse;
    shift[k] = per_channel(AT(beta), c, channels);
  }
  int end = p.end + (p.rest > p.column ? 1 : 0);
  for (int r = p.row; r < end; r++) {
    int after = min((r + 1) * width, n);
    for (int k = 0; k < p.vectors; k++) {
      int i = r * width + p.column + k * ELEMENT_VECTOR;
      floats v = fma(get_at(AT(x), i, after) - m[k], scale[k], shift[k]);
      if (has_residual) {
        v += get_at(AT(residual), i, after);
      }
      if (relu) {
        v = v <= 0 ? (floats)(0) : v;
      }
      put_at(v, AT(y), i, after);
    }
  }
}

// The gradient before the ReLU; without one, y is none and all of it passes.
static inline floats masked(int relu, floats dy, global const float *y, int i, int after) {
  if (relu) {
    return get_at(y, i, after) > 0 ? dy : (floats)(0);
  }
  return dy;
}

// For each part the sum of dz, the gradient before the ReLU, and the sum of dz (x - mean).
kernel void norm_grad_sums(IN(float, dy), IN(float, x), IN(float, y), IN(float, mean), OUT(float, sums),
                           OUT(float, products), const int n, const int width, const int segment,
                           const int channels, const int relu) {
  Part p = part_of(n, width, segment);
  if (p.vectors == 0) {
    return;
  }
  floats m[COLUMN_VECTORS];
  floats sum[COLUMN_VECTORS];
  floats product[COLUMN_VECTORS];
  for (int k = 0; k < p.vectors; k++) {
    m[k] = per_channel(AT(mean), p.column + k * ELEMENT_VECTOR, channels);
    sum[k] = (floats)(0);
    product[k] = (floats)(0);
  }
  for (int r = p.row; r < p.end; r += COLUMN_BLOCK) {
    int rows = min(COLUMN_BLOCK, p.end - r);
    for (int k = 0; k < p.vectors; k++) {
      floats block_sum = (floats)(0);
      floats block_product = (floats)(0);
      for (int j = 0; j < rows; j++) {
        int i = (r + j) * width + p.column + k * ELEMENT_VECTOR;
        int after = (r + j + 1) * width;
        floats dz = masked(relu, get_at(AT(dy), i, after), AT(y), i, after);
        block_sum += dz;
        block_product = fma(dz, get_at(AT(x), i, after) - m[k], block_product);
      }
      sum[k] += block_sum;
      product[k] += block_product;
    }
  }
  global float *to_sums = AT(sums) + p.segment * width;
  global float *to_products = AT(products) + p.segment * width;
  for (int k = 0; k < p.vectors; k++) {
    put_at(sum[k], to_sums, p.column + k * ELEMENT_VECTOR, width);
    put_at(product[k], to_products, p.column + k * ELEMENT_VECTOR, width);
  }
  for (int c = p.column; c < p.rest; c++) {
    int i = p.end * width + c;
    float dz = relu && !(AT(y)[i] > 0) ? 0 : AT(dy)[i];
    to_sums[c] += dz;
    to_products[c] += dz * (AT(x)[i] - AT(mean)[c % channels]);
  }
}

static inline void channel_gradients(global const float *sums, global const float *products,
                                     global const float *deviation, int parts, int channel, int channels,
                                     int is_variance, float eps, global float *dgamma, global float *dbeta,
                                     int item, int items, local float *t) {
  float sum = 0;
  float product = 0;
  for (int i = item; i < parts; i += items) {
    sum += sums[i * channels + channel];
    product += products[i * channels + channel];
  }
  sum = joined(0, sum, items, t);
  product = joined(0, product, items, t);
  if (item == 0) {
    float v = deviation[channel];
    dbeta[channel] = sum;
    dgamma[channel] = product * (is_variance ? 1 / sqrt(v + eps) : v);
  }
}

#define FINISH_PARAMETERS                                                                             \
  IN(float, sums), IN(float, products), IN(float, deviation), OUT(float, dgamma), OUT(float, dbeta),  \
      const int parts, const int channels, const int is_variance, const float eps
#define CHANNEL_GRADIENTS(channel, worker)                                                            \
  channel_gradients(AT(sums), AT(products), AT(deviation), parts, channel, channels, is_variance, eps, \
                    AT(dgamma), AT(dbeta), worker)

kernel void norm_grad_finish(FINISH_PARAMETERS, const int results) {
  int channel = get_global_id(0);
  if (channel < results) {
    CHANNEL_GRADIENTS(channel, ALONE);
  }
}

kernel void norm_grad_finish_together(FINISH_PARAMETERS, local float *t) {
  CHANNEL_GRADIENTS(get_group_id(0), TOGETHER(t));
}

// dx = gamma / deviation (dz - mean of dz - normalized x times the mean of dz times it), and without the
// last two where the statistics are constants (training is 0). dz is the gradient to the residual.
kernel void norm_backward(IN(float, dy), IN(float, x), IN(float, y), IN(float, gamma), IN(float, mean),
                          IN(float, deviation), IN(float, dgamma), IN(float, dbeta), OUT(float, dx),
                          OUT(float, dresidual), const int n, const int width, const int segment,
                          const int channels, const int is_variance, const float eps, const int relu,
                          const int has_residual, const int training) {
  Part p = part_of(n, width, segment);
  float pixels = n / channels;
  floats m[COLUMN_VECTORS];
  floats scale[COLUMN_VECTORS];
  floats shift[COLUMN_VECTORS];
  floats slope[COLUMN_VECTORS];
  for (int k = 0; k < p.vectors; k++) {
    int c = p.column + k * ELEMENT_VECTOR;
    floats inverse = inverse_deviation(per_channel(AT(deviation), c, channels), is_variance, eps);
    m[k] = per_channel(AT(mean), c, channels);
    scale[k] = per_channel(AT(gamma), c, channels) * inverse;
    shift[k] = -scale[k] * per_channel(AT(dbeta), c, channels) / pixels;
    slope[k] = -scale[k] * inverse * per_channel(AT(dgamma), c, channels) / pixels;
  }
  int end = p.end + (p.rest > p.column ? 1 : 0);
  for (int r = p.row; r < end; r++) {
    int after = min((r + 1) * width, n);
    for (int k = 0; k < p.vectors; k++) {
      int i = r * width + p.column + k * ELEMENT_VECTOR;
      floats dz = masked(relu, get_at(AT(dy), i, after), AT(y), i, after);
      floats d = training ? fma(slope[k], get_at(AT(x), i, after) - m[k], shift[k]) : (floats)(0);
      put_at(fma(scale[k], dz, d), AT(dx), i, after);
      if (has_residual) {
        put_at(dz, AT(dresidual), i, after);
      }
    }
  }
}
