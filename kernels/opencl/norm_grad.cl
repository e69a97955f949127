// The gradients of batch normalization.
//
// norm_grad_sums gives sums over parts of a column, norm_grad_finish adds them, norm_backward makes the
// gradients to x and to the residual. Arrays are cut as in columns.cl. Memory bounds it: dy, x and, for the
// ReLU, y are read twice.

// The gradient before the ReLU. Without one, y is another operand: reading what is in the cache costs less
// than a branch between the reads.
#define MASKED(dy, relu, y) ((relu) ? ((y) > 0 ? (dy) : (floats)(0)) : (dy))

// For each part the sum of dz, the gradient before the ReLU, and the sum of dz (x - mean).
kernel void norm_grad_sums(IN(float, dy), IN(float, x), IN(float, y), IN(float, mean), OUT(float, sums),
                           OUT(float, products), CUT,
                           const int channels, const int relu) {
  Part p = PART;
  if (p.vectors == 0) {
    return;
  }
  floats m[COLUMN_VECTORS];
  floats sum[COLUMN_VECTORS];
  floats product[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, {
    m[k] = per_channel(AT(mean), p.column + k * ELEMENT_VECTOR, channels);
    sum[k] = (floats)(0);
    product[k] = (floats)(0);
  })
#pragma unroll ROWS_UNROLLED
  for (int r = p.row; r < p.end; r++) {
    int after = (r + 1) * width;
    EACH_VECTOR(p.whole, p.vectors, {
      int i = r * width + p.column + k * ELEMENT_VECTOR;
      floats dz = READ(AT(dy), i, after);
      floats passed = READ(AT(y), i, after);
      floats d = READ(AT(x), i, after) - m[k];
      dz = MASKED(dz, relu, passed);
      sum[k] += dz;
      product[k] = fma(dz, d, product[k]);
    })
  }
  global float *to_sums = AT(sums) + p.segment * width;
  global float *to_products = AT(products) + p.segment * width;
  EACH_VECTOR(p.vectors, p.vectors, {
    put_at(sum[k], to_sums, p.column + k * ELEMENT_VECTOR, width);
    put_at(product[k], to_products, p.column + k * ELEMENT_VECTOR, width);
  })
  for (int c = p.column; c < p.rest; c++) {
    int i = p.end * width + c;
    float dz = relu && !(AT(y)[i] > 0) ? 0 : AT(dy)[i];
    to_sums[c] += dz;
    to_products[c] += dz * (AT(x)[i] - AT(mean)[c % channels]);
  }
}

static inline floats sum_of_parts(global const float *sums, int parts, int channel, int channels, int item,
                                  int items, local floats *t) {
  floats sum = (floats)(0);
  for (int i = item; i < parts; i += items) {
    sum += get_at(sums + i * channels, channel, channels);
  }
  return total(sum, items, t);
}

#define FINISH_PARAMETERS                                                                             \
  IN(float, sums), IN(float, products), IN(float, deviation), OUT(float, dgamma), OUT(float, dbeta),  \
      const int parts, const int channels, const int is_variance, const float eps

#define FINISH(channel, item, items, t)                                                               \
  floats sum = sum_of_parts(AT(sums), parts, channel, channels, item, items, t);                      \
  floats product = sum_of_parts(AT(products), parts, channel, channels, item, items, t);              \
  if (item == 0) {                                                                                    \
    floats inverse = inverse_deviation(get_at(AT(deviation), channel, channels), is_variance, eps);   \
    put_at(sum, AT(dbeta), channel, channels);                                                        \
    put_at(product * inverse, AT(dgamma), channel, channels);                                         \
  }

// A vector of channels a work-item, or a work group.
kernel void norm_grad_finish(FINISH_PARAMETERS, const int results) {
  int i = get_global_id(0);
  if (i < results) {
    FINISH(i * ELEMENT_VECTOR, 0, 1, 0)
  }
}

kernel void norm_grad_finish_together(FINISH_PARAMETERS, local floats *t) {
  FINISH((int)get_group_id(0) * ELEMENT_VECTOR, (int)get_local_id(0), (int)get_local_size(0), t)
}

// dx = gamma / deviation (dz - mean of dz - normalized x times the mean of dz times it), and without the
// last two where the statistics are constants (training is 0). dz is the gradient to the residual.
kernel void norm_backward(IN(float, dy), IN(float, x), IN(float, y), IN(float, gamma), IN(float, mean),
                          IN(float, deviation), IN(float, dgamma), IN(float, dbeta), OUT(float, dx),
                          OUT(float, dresidual), CUT,
                          const int channels, const int is_variance, const float eps, const int relu,
                          const int has_residual, const int training) {
  Part p = PART;
  if (p.vectors == 0) {
    return;
  }
  float pixels = n / channels;
  floats m[COLUMN_VECTORS];
  floats scale[COLUMN_VECTORS];
  floats shift[COLUMN_VECTORS];
  floats slope[COLUMN_VECTORS];
  EACH_VECTOR(p.vectors, p.vectors, {
    int c = p.column + k * ELEMENT_VECTOR;
    floats inverse = inverse_deviation(per_channel(AT(deviation), c, channels), is_variance, eps);
    m[k] = per_channel(AT(mean), c, channels);
    scale[k] = per_channel(AT(gamma), c, channels) * inverse;
    shift[k] = -scale[k] * per_channel(AT(dbeta), c, channels) / pixels;
    slope[k] = -scale[k] * inverse * per_channel(AT(dgamma), c, channels) / pixels;
  })
  int end = p.end + (p.rest > p.column ? 1 : 0);
  for (int r = p.row; r < end; r++) {
    int after = min((r + 1) * width, n);
    EACH_VECTOR(r < p.end ? p.whole : 0, p.vectors, {
      int i = r * width + p.column + k * ELEMENT_VECTOR;
      floats dz = READ(AT(dy), i, after);
      floats passed = READ(AT(y), i, after);
      floats d = fma(slope[k], READ(AT(x), i, after) - m[k], shift[k]);
      dz = MASKED(dz, relu, passed);
      WRITE(fma(scale[k], dz, training ? d : (floats)(0)), AT(dx), i, after)
      if (has_residual) {
        WRITE(dz, AT(dresidual), i, after)
      }
    })
  }
}
