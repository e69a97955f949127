// y = A B + bias. A is a (m, k) or its transpose, B is b (k, n) or its transpose; see conv.cu for precisions and tiles.
//
// Which of a factor's axes is inside in memory decides how its tiles are read: matmul_XY_*, X for A and Y for B, with
//   n  as it is: A has k inside, B has k outside        t  transposed: the other way round
// Grid: x tiles of rows, y tiles of columns, z parts of k (their sums go to matrices of their own, which sum_splits adds).
#include "product_fp32.cuh"

struct Matmul {
  int m, n, k, part;
  long long pitchA, pitchB;
};

template <bool INSIDE, int LOADS, int STEP> struct MatrixFactor;
template <int LOADS, int STEP> struct MatrixFactor<true, LOADS, STEP> {
  using Loader = tile::MatrixRows<LOADS, STEP>;
  __device__ __forceinline__ static Loader of(const float *p, int rows, int end, long long pitch) {
    Loader l{};
    l.p = p;
    l.rows = rows;
    l.depth = end;
    l.pitch = pitch;
    return l;
  }
};
template <int LOADS, int STEP> struct MatrixFactor<false, LOADS, STEP> {
  using Loader = tile::MatrixColumns<LOADS, STEP>;
  __device__ __forceinline__ static Loader of(const float *p, int columns, int end, long long pitch) {
    Loader l{};
    l.p = p;
    l.columns = columns;
    l.depth = end;
    l.pitch = pitch;
    return l;
  }
};

template <class PRODUCT, int STEP, int BM, int BN, bool A_INSIDE, bool B_INSIDE>
__device__ __forceinline__ void multiply(const float *a, const float *b, float *y, const Matmul &g, const float *bias) {
  SHARED_DYNAMIC(unsigned char, shared);
  const int m0 = blockIdx.x * BM, n0 = blockIdx.y * BN, k0 = blockIdx.z * g.part, end = min(g.k, k0 + g.part);
  auto rows = MatrixFactor<A_INSIDE, PRODUCT::ShareA::LOADS, STEP>::of(a, g.m, end, g.pitchA);
  auto columns = MatrixFactor<B_INSIDE, PRODUCT::ShareB::LOADS, STEP>::of(b, g.n, end, g.pitchB);
  PRODUCT product;
  product.run(shared, rows, columns, m0, n0, k0, (end - k0 + STEP - 1) / STEP);
  product.finish(shared, tile::MatrixStore{y + (long long)blockIdx.z * g.m * g.n, bias, g.m, g.n, g.n, m0, n0});
}

#define MATMUL(name, THREADS, STEP, BM, BN, A_INSIDE, B_INSIDE, ...)                                                                       \
  PRODUCT_KERNEL(THREADS) matmul_##name(const float *a, const float *b, float *y, const Matmul g, const float *bias) {                            \
    multiply<tile::__VA_ARGS__, STEP, BM, BN, A_INSIDE, B_INSIDE>(a, b, y, g, bias);                                                          \
  }                                                                                                                                        \
  EXPORT_KERNEL(matmul_##name, THREADS)

#define MATMUL_TENSOR(layout, precision, PRECISION, A_INSIDE, B_INSIDE)                                                                    \
  MATMUL(layout##_##precision##_128x128, 256, tile::K_STEP, 128, 128, A_INSIDE, B_INSIDE,                                                  \
         TensorProduct<tile::PRECISION, 128, 128, 2, 4, A_INSIDE, B_INSIDE, 3>)                                                            \
  MATMUL(layout##_##precision##_64x64, 128, tile::K_STEP, 64, 64, A_INSIDE, B_INSIDE,                                                      \
         TensorProduct<tile::PRECISION, 64, 64, 2, 2, A_INSIDE, B_INSIDE, 4>)

#define MATMUL_LAYOUT(layout, A_INSIDE, B_INSIDE)                                                                                          \
  MATMUL_TENSOR(layout, tf32, Tf32, A_INSIDE, B_INSIDE)                                                                                    \
  MATMUL_TENSOR(layout, bf16, Bf16, A_INSIDE, B_INSIDE)                                                                                    \
  MATMUL_TENSOR(layout, f16, F16, A_INSIDE, B_INSIDE)                                                                                      \
  MATMUL(layout##_fp32_128x128, 256, tile::FP32_K_STEP, 128, 128, A_INSIDE, B_INSIDE, Fp32Product<128, 128, A_INSIDE, B_INSIDE>)           \
  MATMUL(layout##_fp32_64x64, 256, tile::FP32_K_STEP, 64, 64, A_INSIDE, B_INSIDE, Fp32Product<64, 64, A_INSIDE, B_INSIDE>)

MATMUL_LAYOUT(nn, true, false)
MATMUL_LAYOUT(nt, true, true)
MATMUL_LAYOUT(tn, false, false)
MATMUL_LAYOUT(tt, false, true)
