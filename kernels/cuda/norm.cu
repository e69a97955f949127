// Batch normalization over rows of `channels` elements, and its gradients, with the residual addition and the ReLU around it; see NormOp.
// Memory bounds all of it.
//
//   norm_moments   mean and sum of squared deviations of each channel in a segment of rows, one pass: about each thread's first value, so that a
//                  large mean costs no digits, then merged (Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
//                  Computing Sample Variances", 1979)
//   norm_merge     the segments merged in order; running statistics updated
//   norm_apply     y = relu(gamma (x - mean) deviation + beta + residual)
//   norm_grad_sums, norm_grad_join   sums of g and g (x - mean) deviation for each channel, g = dy where y > 0
//   norm_grad_apply                  dx, and the residual's gradient g
//
// Grids of the sums: x 32 channels, y segments, blocks of 32 x 8 threads. Of the others: four elements a thread, or a channel a thread.
#include "elements.cuh"

namespace {

struct Moments { float n, mean, squares; };

__device__ __forceinline__ Moments merged(Moments a, Moments b) {
  if (a.n == 0) return b;
  if (b.n == 0) return a;
  float n = a.n + b.n, d = b.mean - a.mean;
  return {n, fmaf(d, b.n / n, a.mean), a.squares + b.squares + d * d * (a.n / n) * b.n};
}

}  // namespace

// parts: (segments, 3, channels).
KERNEL(256) norm_moments(const float *x, float *parts, int rows, int channels, int segment) {
  SHARED(Moments, of, [8][32]);
  const int c = blockIdx.x * 32 + threadIdx.x, from = blockIdx.y * segment + threadIdx.y, end = min(rows, int(blockIdx.y + 1) * segment);
  Moments m = {0, 0, 0};
  if (c < channels && from < end) {
    float shift = x[(long long)from * channels + c], sum = 0, squares = 0;
    for (int r = from; r < end; r += 8) {
      float d = x[(long long)r * channels + c] - shift;
      sum += d;
      squares = fmaf(d, d, squares);
      m.n += 1;
    }
    float mean = sum / m.n;
    m.mean = shift + mean;
    m.squares = fmaxf(fmaf(-sum, mean, squares), 0.0f);
  }
  of[threadIdx.y][threadIdx.x] = m;
  __syncthreads();
  if (threadIdx.y != 0 || c >= channels) return;
  for (int i = 1; i < 8; i++) m = merged(m, of[i][threadIdx.x]);
  float *to = parts + (long long)blockIdx.y * 3 * channels + c;
  to[0] = m.n;
  to[channels] = m.mean;
  to[2 * channels] = m.squares;
}
EXPORT_KERNEL(norm_moments, 256)

KERNEL(256) norm_merge(const float *parts, int segments, int channels, float eps, float momentum, float *runningMean, float *runningVariance,
                       float *mean, float *inverse) {
  int c = blockIdx.x * 256 + threadIdx.x;
  if (c >= channels) return;
  Moments m = {0, 0, 0};
  for (int s = 0; s < segments; s++) {
    const float *p = parts + (long long)s * 3 * channels + c;
    m = merged(m, {p[0], p[channels], p[2 * channels]});
  }
  mean[c] = m.mean;
  inverse[c] = 1 / sqrtf(m.squares / m.n + eps);
  runningMean[c] = fmaf(momentum, m.mean, (1 - momentum) * runningMean[c]);
  runningVariance[c] = fmaf(momentum, m.squares / fmaxf(m.n - 1, 1.0f), (1 - momentum) * runningVariance[c]);
}
EXPORT_KERNEL(norm_merge, 256)

// The inverse deviations for given variances.
KERNEL(256) norm_inverse(const float *variance, float *inverse, int channels, float eps) {
  int c = blockIdx.x * 256 + threadIdx.x;
  if (c < channels) inverse[c] = 1 / sqrtf(variance[c] + eps);
}
EXPORT_KERNEL(norm_inverse, 256)

// Calls f(i, channel) for the thread's four elements.
template <class F> __device__ __forceinline__ void eachOfChannels(int n, int channels, F f) {
  int i = elements::first(), c = i % channels;
  for (int k = i; k < min(i + 4, n); k++) {
    f(k, c);
    if (++c == channels) c = 0;
  }
}

KERNEL(256) norm_apply(const float *x, const float *residual, float *y, int n, int channels, const float *gamma, const float *beta, const float *mean,
                       const float *inverse, int relu) {
  int i = elements::first();
  if (i >= n) return;
  bool wide = channels % 4 == 0 && i + 4 <= n && elements::aligned(x) && elements::aligned(y) && (!residual || elements::aligned(residual));
  auto of = [=](float v, int c, float r) {
    float z = fmaf(v - mean[c], gamma[c] * inverse[c], beta[c] + r);
    return relu && z <= 0 ? 0.0f : z;
  };
  if (wide) {
    int c = i % channels;
    float4 v = *reinterpret_cast<const float4 *>(x + i);
    float4 r = residual ? *reinterpret_cast<const float4 *>(residual + i) : make_float4(0, 0, 0, 0);
    *reinterpret_cast<float4 *>(y + i) = make_float4(of(v.x, c, r.x), of(v.y, c + 1, r.y), of(v.z, c + 2, r.z), of(v.w, c + 3, r.w));
  } else {
    eachOfChannels(n, channels, [=](int k, int c) { y[k] = of(x[k], c, residual ? residual[k] : 0); });
  }
}
EXPORT_KERNEL(norm_apply, 256)

// parts: (segments, 2, channels). y is null where there was no ReLU.
KERNEL(256) norm_grad_sums(const float *dy, const float *x, const float *y, float *parts, int rows, int channels, int segment, const float *mean,
                           const float *inverse) {
  SHARED(float2, of, [8][32]);
  const int c = blockIdx.x * 32 + threadIdx.x, from = blockIdx.y * segment, end = min(rows, from + segment);
  float2 sum = make_float2(0, 0);
  if (c < channels) {
    for (int r = from + threadIdx.y; r < end; r += 8) {
      long long i = (long long)r * channels + c;
      float g = !y || y[i] > 0 ? dy[i] : 0;
      sum.x += g;
      sum.y = fmaf(g, (x[i] - mean[c]) * inverse[c], sum.y);
    }
  }
  of[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || c >= channels) return;
  for (int i = 1; i < 8; i++) {
    sum.x += of[i][threadIdx.x].x;
    sum.y += of[i][threadIdx.x].y;
  }
  parts[(long long)blockIdx.y * 2 * channels + c] = sum.x;
  parts[((long long)blockIdx.y * 2 + 1) * channels + c] = sum.y;
}
EXPORT_KERNEL(norm_grad_sums, 256)

KERNEL(256) norm_grad_join(const float *parts, int segments, int channels, float *dgamma, float *dbeta) {
  int c = blockIdx.x * 256 + threadIdx.x;
  if (c >= channels) return;
  float g = 0, gx = 0;
  for (int s = 0; s < segments; s++) {
    g += parts[(long long)s * 2 * channels + c];
    gx += parts[((long long)s * 2 + 1) * channels + c];
  }
  dbeta[c] = g;
  dgamma[c] = gx;
}
EXPORT_KERNEL(norm_grad_join, 256)

// dx = gamma deviation (g - share (sum of g + normalized x * sum of g normalized x)); share is 1 / rows, or 0 where the statistics are constants.
KERNEL(256) norm_grad_apply(const float *dy, const float *x, const float *y, float *dx, float *dresidual, int n, int channels, const float *gamma,
                            const float *mean, const float *inverse, const float *dgamma, const float *dbeta, float share) {
  eachOfChannels(n, channels, [=](int i, int c) {
    float g = !y || y[i] > 0 ? dy[i] : 0;
    float normalized = (x[i] - mean[c]) * inverse[c];
    dx[i] = gamma[c] * inverse[c] * (g - share * fmaf(normalized, dgamma[c], dbeta[c]));
    if (dresidual) dresidual[i] = g;
  });
}
EXPORT_KERNEL(norm_grad_apply, 256)
