// Batch normalization over rows of `channels` elements, and its gradients, with the residual addition and the ReLU around it; see NormOp.
// Memory bounds all of it.
//
//   norm_moments   mean and sum of squared deviations of each channel in a segment of rows, one pass: about each thread's first value, so that a
//                  large mean costs no digits, then merged (Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
//                  Computing Sample Variances", 1979)
//   norm_merge     the segments merged; running statistics updated
//   norm_apply     y = relu(gamma (x - mean) deviation + beta + residual)
//   norm_grad_sums, norm_grad_join   sums of g and g (x - mean) deviation for each channel, g = dy where y > 0
//   norm_grad_apply                  dx, and the residual's gradient g
//
// Grids of the sums: x columns, y segments (columns.cuh); where segments are joined, blocks of 32 columns by 32 rows of them. Of the others: a pack
// (pack.cuh) a thread.
#include "columns.cuh"

namespace {

struct Moments { float n, mean, squares; };

__device__ __forceinline__ Moments merged(Moments a, Moments b) {
  if (a.n == 0) return b;
  if (b.n == 0) return a;
  float n = a.n + b.n, d = b.mean - a.mean;
  return {n, fmaf(d, b.n / n, a.mean), a.squares + b.squares + d * d * (a.n / n) * b.n};
}

}  // namespace

namespace wide {

// parts: (segments, 3, channels).
template <int V> __device__ __forceinline__ void norm_moments(const float *x, float *parts, int rows, int channels, int segment) {
  SHARED(Moments, of, [256]);
  const int c = columns::first<V>(), from = blockIdx.y * segment + threadIdx.y, end = min(rows, int(blockIdx.y + 1) * segment);
  float n = 0;
  Pack<V> shift = Pack<V>::filled(0), sum = shift, squares = shift;
  if (c < channels && from < end) {
    shift = Pack<V>::load(x + (long long)from * channels + c);
#pragma unroll 4
    for (int r = from; r < end; r += blockDim.y) {
      Pack<V> v = Pack<V>::load(x + (long long)r * channels + c);
#pragma unroll
      for (int k = 0; k < V; k++) {
        float d = v.of[k] - shift.of[k];
        sum.of[k] += d;
        squares.of[k] = fmaf(d, d, squares.of[k]);
      }
      n += 1;
    }
  }
#pragma unroll
  for (int k = 0; k < V; k++) {
    float mean = n > 0 ? sum.of[k] / n : 0;
    Moments mine = {n, shift.of[k] + mean, fmaxf(fmaf(-sum.of[k], mean, squares.of[k]), 0.0f)};
    Moments all = columns::combined(mine, &of[0], merged);
    if (threadIdx.y == 0 && c < channels) {
      float *to = parts + (long long)blockIdx.y * 3 * channels + c + k;
      to[0] = all.n;
      to[channels] = all.mean;
      to[2 * channels] = all.squares;
    }
  }
}

template <int V>
__device__ __forceinline__ void norm_apply(const float *x, const float *residual, float *y, int n, int channels, const float *gamma, const float *beta,
                                           const float *mean, const float *inverse, int relu) {
  const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x)), c = i % channels;
  if (i >= n) return;
  Pack<V> v = Pack<V>::load(x + i), r = residual ? Pack<V>::load(residual + i) : Pack<V>::filled(0);
  Pack<V> m = Pack<V>::load(mean + c), d = Pack<V>::load(inverse + c), scale = Pack<V>::load(gamma + c), shift = Pack<V>::load(beta + c);
#pragma unroll
  for (int k = 0; k < V; k++) {
    float z = fmaf(v.of[k] - m.of[k], scale.of[k] * d.of[k], shift.of[k] + r.of[k]);
    v.of[k] = relu && z <= 0 ? 0.0f : z;
  }
  v.store(y + i);
}

// parts: (segments, 2, channels): sums of g, then of g normalized. y is null where there was no ReLU.
template <int V>
__device__ __forceinline__ void norm_grad_sums(const float *dy, const float *x, const float *y, float *parts, int rows, int channels, int segment,
                                               const float *mean, const float *inverse) {
  SHARED(Pack<V>, of, [256]);
  const int c = columns::first<V>(), from = blockIdx.y * segment + threadIdx.y, end = min(rows, int(blockIdx.y + 1) * segment);
  Pack<V> sum = Pack<V>::filled(0), product = sum;
  if (c < channels) {
    const Pack<V> m = Pack<V>::load(mean + c), d = Pack<V>::load(inverse + c);
#pragma unroll 2
    for (int r = from; r < end; r += blockDim.y) {
      long long i = (long long)r * channels + c;
      Pack<V> g = Pack<V>::load(dy + i), v = Pack<V>::load(x + i), z = y ? Pack<V>::load(y + i) : Pack<V>::filled(1);
#pragma unroll
      for (int k = 0; k < V; k++) {
        float passed = z.of[k] > 0 ? g.of[k] : 0;
        sum.of[k] += passed;
        product.of[k] = fmaf(passed, (v.of[k] - m.of[k]) * d.of[k], product.of[k]);
      }
    }
  }
  sum = columns::sum<V>(sum, &of[0]);
  product = columns::sum<V>(product, &of[0]);
  if (threadIdx.y == 0 && c < channels) {
    float *to = parts + (long long)blockIdx.y * 2 * channels + c;
    sum.store(to);
    product.store(to + channels);
  }
}

// dx = gamma deviation (g - share (sum of g + normalized x * sum of g normalized x)); share is 1 / rows, or 0 where the statistics are constants.
template <int V>
__device__ __forceinline__ void norm_grad_apply(const float *dy, const float *x, const float *y, float *dx, float *dresidual, int n, int channels,
                                                const float *gamma, const float *mean, const float *inverse, const float *dgamma,
                                                const float *dbeta, float share) {
  const int i = V * (int(blockIdx.x) * 256 + int(threadIdx.x)), c = i % channels;
  if (i >= n) return;
  Pack<V> g = Pack<V>::load(dy + i), v = Pack<V>::load(x + i), z = y ? Pack<V>::load(y + i) : Pack<V>::filled(1);
  Pack<V> m = Pack<V>::load(mean + c), d = Pack<V>::load(inverse + c), scale = Pack<V>::load(gamma + c);
  Pack<V> product = Pack<V>::load(dgamma + c), sum = Pack<V>::load(dbeta + c);
#pragma unroll
  for (int k = 0; k < V; k++) {
    g.of[k] = z.of[k] > 0 ? g.of[k] : 0;
    float normalized = (v.of[k] - m.of[k]) * d.of[k];
    v.of[k] = scale.of[k] * d.of[k] * (g.of[k] - share * fmaf(normalized, product.of[k], sum.of[k]));
  }
  v.store(dx + i);
  if (dresidual) g.store(dresidual + i);
}

}  // namespace wide

WIDTHS(KERNEL, 256, norm_moments, (const float *x, float *parts, int rows, int channels, int segment), (x, parts, rows, channels, segment))
WIDTHS(KERNEL, 256, norm_apply,
       (const float *x, const float *residual, float *y, int n, int channels, const float *gamma, const float *beta, const float *mean,
        const float *inverse, int relu),
       (x, residual, y, n, channels, gamma, beta, mean, inverse, relu))
WIDTHS(KERNEL, 256, norm_grad_sums,
       (const float *dy, const float *x, const float *y, float *parts, int rows, int channels, int segment, const float *mean, const float *inverse),
       (dy, x, y, parts, rows, channels, segment, mean, inverse))
WIDTHS(KERNEL, 256, norm_grad_apply,
       (const float *dy, const float *x, const float *y, float *dx, float *dresidual, int n, int channels, const float *gamma, const float *mean,
        const float *inverse, const float *dgamma, const float *dbeta, float share),
       (dy, x, y, dx, dresidual, n, channels, gamma, mean, inverse, dgamma, dbeta, share))

KERNEL(1024) norm_merge(const float *parts, int segments, int channels, float eps, float momentum, float *runningMean, float *runningVariance,
                        float *mean, float *inverse) {
  SHARED(Moments, of, [1024]);
  const int c = columns::first<1>();
  Moments m = {0, 0, 0};
  if (c < channels) {
    for (int s = threadIdx.y; s < segments; s += 32) {
      const float *p = parts + (long long)s * 3 * channels + c;
      m = merged(m, {p[0], p[channels], p[2 * channels]});
    }
  }
  m = columns::combined(m, &of[0], merged);
  if (threadIdx.y != 0 || c >= channels) return;
  mean[c] = m.mean;
  inverse[c] = 1 / sqrtf(m.squares / m.n + eps);
  runningMean[c] = fmaf(momentum, m.mean, (1 - momentum) * runningMean[c]);
  runningVariance[c] = fmaf(momentum, m.squares / fmaxf(m.n - 1, 1.0f), (1 - momentum) * runningVariance[c]);
}
EXPORT_KERNEL(norm_merge, 1024)

// The inverse deviations for given variances. Grid: a channel a thread.
KERNEL(256) norm_inverse(const float *variance, float *inverse, int channels, float eps) {
  int c = blockIdx.x * 256 + threadIdx.x;
  if (c < channels) inverse[c] = 1 / sqrtf(variance[c] + eps);
}
EXPORT_KERNEL(norm_inverse, 256)

KERNEL(1024) norm_grad_join(const float *parts, int segments, int channels, float *dgamma, float *dbeta) {
  const int column = columns::first<1>();
  float sum = columns::sumOfRows(parts, segments, 2 * channels, column);
  if (threadIdx.y != 0 || column >= 2 * channels) return;
  if (column < channels) {
    dbeta[column] = sum;
  } else {
    dgamma[column - channels] = sum;
  }
}
EXPORT_KERNEL(norm_grad_join, 1024)
