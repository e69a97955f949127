// Two-dimensional convolution as implicit matrix products: nothing is unfolded into memory.
//
//   conv_*         y[pixel][filter] = sum over (tap, channel) of x[pixel under tap][channel] w[filter][tap][channel]
//                  the forward convolution, and each part of a data gradient (see gather.cuh), with the weights transposed for it;
//                  bias, residual and activation are applied to the sums while they are in registers
//   conv_weight_*  dw[filter][tap, channel] = sum over pixels of dy[pixel][filter] x[pixel under tap][channel]
//                  the pixels are cut into `splits` equal parts, each summed by blocks of its own into a matrix of its own;
//                  sum_splits adds these in order
//
// Layouts: images NHWC, weights (filters, kernelH, kernelW, channels of the group); channels of a group a multiple of 4, and all tensors
// aligned to 16 bytes (pad_rows makes them so). Grid: x tiles of rows, y tiles of columns, z groups (times splits).
//
// Variants: precision (fp32 on the CUDA cores; tf32, bf16, f16 on tensor cores, sums in float32) and tile (128x128, 128x64, 64x64).
// Arithmetic bounds layers with many channels, memory those with few.
#include "product_fp32.cuh"

template <class PRODUCT, int STEP, int BM, int BN>
__device__ __forceinline__ void convolve(const float *x, const float *w, float *y, const Gather &g, const Epilogue &epilogue) {
  SHARED_DYNAMIC(unsigned char, shared);
  const int group = blockIdx.z, m0 = blockIdx.x * BM, n0 = blockIdx.y * BN;
  const int depth = g.tapsH * g.tapsW * g.channels;
  tile::GatheredRows<PRODUCT::ShareA::LOADS, STEP> a{};
  a.x = x + group * g.channels;
  a.g = g;
  tile::WeightRows<PRODUCT::ShareB::LOADS, STEP> b{};
  b.w = w + (long long)group * g.filters * g.kernelH * g.kernelW * g.channels;
  b.g = g;
  PRODUCT product;
  product.run(shared, a, b, m0, n0, 0, (depth + STEP - 1) / STEP);
  Epilogue e = epilogue;
  if (e.bias) e.bias += group * g.filters;
  if (e.residual) e.residual += group * g.filters;
  product.finish(shared, tile::PixelStore{y + group * g.filters, g, e, m0, n0});
}

template <class PRODUCT, int STEP, int BM, int BN>
__device__ __forceinline__ void gradientToWeights(const float *x, const float *dy, float *dw, const Gather &g, int splits, int part) {
  SHARED_DYNAMIC(unsigned char, shared);
  const int group = blockIdx.z / splits, split = blockIdx.z % splits, m0 = blockIdx.x * BM, n0 = blockIdx.y * BN;
  const int pixels = g.images * g.rows * g.columns, k0 = split * part, end = min(pixels, k0 + part);
  const int columns = g.tapsH * g.tapsW * g.channels, groups = gridDim.z / splits;
  tile::MatrixColumns<PRODUCT::ShareA::LOADS, STEP> a{};
  a.p = dy + group * (g.outPitch / groups);
  a.columns = g.filters;
  a.depth = end;
  a.pitch = g.outPitch;
  tile::GatheredColumns<PRODUCT::ShareB::LOADS, STEP> b{};
  b.x = x + group * g.channels;
  b.g = g;
  b.end = end;
  PRODUCT product;
  product.run(shared, a, b, m0, n0, k0, end > k0 ? (end - k0 + STEP - 1) / STEP : 0);
  float *to = dw + ((long long)split * groups + group) * g.filters * columns;
  product.finish(shared, tile::MatrixStore{to, nullptr, g.filters, columns, columns, m0, n0});
}

#define CONV(name, THREADS, STEP, BM, BN, ...)                                                                                             \
  PRODUCT_KERNEL(THREADS) conv_##name(const float *x, const float *w, float *y, const Gather g, const Epilogue e) {                              \
    convolve<tile::__VA_ARGS__, STEP, BM, BN>(x, w, y, g, e);                                                                              \
  }                                                                                                                                        \
  EXPORT_KERNEL(conv_##name, THREADS)

#define CONV_WEIGHT(name, THREADS, STEP, BM, BN, ...)                                                                                      \
  PRODUCT_KERNEL(THREADS) conv_weight_##name(const float *x, const float *dy, float *dw, const Gather g, int splits, int part) {                 \
    gradientToWeights<tile::__VA_ARGS__, STEP, BM, BN>(x, dy, dw, g, splits, part);                                                        \
  }                                                                                                                                        \
  EXPORT_KERNEL(conv_weight_##name, THREADS)

#define TENSOR_CONV(name, PRECISION)                                                                                                       \
  CONV(name##_128x128, 256, tile::K_STEP, 128, 128, TensorProduct<tile::PRECISION, 128, 128, 2, 4, true, true, 3>)                         \
  CONV(name##_128x64, 256, tile::K_STEP, 128, 64, TensorProduct<tile::PRECISION, 128, 64, 4, 2, true, true, 3>)                            \
  CONV(name##_64x64, 128, tile::K_STEP, 64, 64, TensorProduct<tile::PRECISION, 64, 64, 2, 2, true, true, 4>)                               \
  CONV_WEIGHT(name##_128x128, 256, tile::K_STEP, 128, 128, TensorProduct<tile::PRECISION, 128, 128, 2, 4, false, false, 3>)                \
  CONV_WEIGHT(name##_64x64, 128, tile::K_STEP, 64, 64, TensorProduct<tile::PRECISION, 64, 64, 2, 2, false, false, 4>)

TENSOR_CONV(tf32, Tf32)
TENSOR_CONV(bf16, Bf16)
TENSOR_CONV(f16, F16)

CONV(fp32_128x128, 256, tile::FP32_K_STEP, 128, 128, Fp32Product<128, 128, true, true>)
CONV(fp32_128x64, 256, tile::FP32_K_STEP, 128, 64, Fp32Product<128, 64, true, true>)
CONV(fp32_64x64, 256, tile::FP32_K_STEP, 64, 64, Fp32Product<64, 64, true, true>)
CONV_WEIGHT(fp32_128x128, 256, tile::FP32_K_STEP, 128, 128, Fp32Product<128, 128, false, false>)
CONV_WEIGHT(fp32_64x64, 256, tile::FP32_K_STEP, 64, 64, Fp32Product<64, 64, false, false>)

// The parts of a gradient to the weights, added in their order; the channels that padding added are left out.
// parts (splits, rows, padded) to dw (rows, channels), rows = filters x kernel positions. Grid: over rows x channels.
KERNEL(256) sum_splits(const float *parts, float *dw, int splits, int rows, int padded, int channels) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= rows * channels) return;
  int row = i / channels, c = i - row * channels;
  const float *p = parts + (long long)row * padded + c;
  float sum = 0;
  for (int s = 0; s < splits; s++) sum += p[(long long)s * rows * padded];
  dw[i] = sum;
}
EXPORT_KERNEL(sum_splits, 256)

// A matrix with rows of another length, the new elements 0: x (rows, columns) with `pitch` between rows, to y (rows, padded). Grid: over y.
KERNEL(256) pad_rows(const float *x, float *y, long long n, int columns, long long pitch, int padded) {
  long long i = (long long)blockIdx.x * 256 + threadIdx.x;
  if (i >= n) return;
  long long row = i / padded;
  int c = int(i - row * padded);
  y[i] = c < columns ? x[row * pitch + c] : 0;
}
EXPORT_KERNEL(pad_rows, 256)

// Weights for the data gradient: w (groups, filters, positions, channels) to (groups, channels, positions, padded), the filters innermost
// and zeros behind them. Grid: over the result.
KERNEL(256) transpose_weights(const float *w, float *t, int n, int filters, int positions, int channels, int padded) {
  int i = blockIdx.x * 256 + threadIdx.x;
  if (i >= n) return;
  int f = i % padded, rest = i / padded, position = rest % positions;
  rest /= positions;
  int c = rest % channels, group = rest / channels;
  t[i] = f < filters ? w[(((long long)group * filters + f) * positions + position) * channels + c] : 0;
}
EXPORT_KERNEL(transpose_weights, 256)
