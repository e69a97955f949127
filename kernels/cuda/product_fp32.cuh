// The same product in single precision throughout, on the CUDA cores: a thread holds 8 x 8 sums (4 x 4 for the tile of 64 x 64) and takes its
// factors from shared memory four at a time.
//
//   threads 16 x 16, each with rows 4 ty .. 4 ty + 3 and 64 + 4 ty .. + 3 of the tile, and columns likewise: so the float4 that neighbouring
//   threads read are neighbours, and no two of a warp meet in a bank.
//
// 16 k a step, in two buffers. BM, BN: 64 or 128. Arithmetic bounds it.
#pragma once
#include "product_tensor.cuh"

namespace tile {

constexpr int FP32_K_STEP = 16;

template <int BM, int BN, bool A_INSIDE, bool B_INSIDE> struct Fp32Product {
  static constexpr int THREADS = 256;
  static constexpr int TM = BM / 16, TN = BN / 16;
  // With k inside, a piece is four k of a row and goes to four rows of shared memory; the extra words keep these apart.
  static constexpr int PITCH_A = BM + 4, PITCH_B = BN + 4;
  using ShareA = Share<BM, A_INSIDE, THREADS, FP32_K_STEP>;
  using ShareB = Share<BN, B_INSIDE, THREADS, FP32_K_STEP>;
  static constexpr int STAGE = FP32_K_STEP * (PITCH_A + PITCH_B);
  static constexpr int SHARED = 2 * STAGE * 4;

  float sum[TM][TN];

  template <class A, class B> __device__ __forceinline__ void run(unsigned char *bytes, A &a, B &b, int m0, int n0, int k0, int steps) {
    float *shared = reinterpret_cast<float *>(bytes);
#pragma unroll
    for (int i = 0; i < TM; i++)
#pragma unroll
      for (int j = 0; j < TN; j++) sum[i][j] = 0;
    ShareA::begin(a, m0, k0);
    ShareB::begin(b, n0, k0);
    float4 pieceA[ShareA::LOADS], pieceB[ShareB::LOADS];
    if (steps > 0) {
      read(pieceA, a);
      read(pieceB, b);
      write<ShareA, A_INSIDE, PITCH_A>(shared, pieceA);
      write<ShareB, B_INSIDE, PITCH_B>(shared + FP32_K_STEP * PITCH_A, pieceB);
    }
    __syncthreads();
    for (int s = 0; s < steps; s++) {
      bool more = s + 1 < steps;
      if (more) {
        read(pieceA, a);
        read(pieceB, b);
      }
      multiply(shared + (s & 1) * STAGE);
      if (more) {
        float *next = shared + (~s & 1) * STAGE;
        write<ShareA, A_INSIDE, PITCH_A>(next, pieceA);
        write<ShareB, B_INSIDE, PITCH_B>(next + FP32_K_STEP * PITCH_A, pieceB);
      }
      __syncthreads();
    }
  }

 private:
  template <int LOADS, class LOADER> __device__ __forceinline__ void read(float4 (&piece)[LOADS], LOADER &loader) {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      int bytes;
      const float *from = loader.source(i, bytes);
      if (bytes == 16) {
        piece[i] = *reinterpret_cast<const float4 *>(from);
      } else {
        piece[i] = make_float4(bytes > 0 ? from[0] : 0, bytes > 4 ? from[1] : 0, bytes > 8 ? from[2] : 0, 0);
      }
    }
    loader.next();
  }
  template <class SHARE, bool INSIDE, int PITCH, int LOADS> __device__ __forceinline__ void write(float *to, const float4 (&piece)[LOADS]) {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      int first = SHARE::first() + i * SHARE::APART;
      if (INSIDE) {
        float *p = to + 4 * SHARE::piece() * PITCH + first;
        p[0] = piece[i].x;
        p[PITCH] = piece[i].y;
        p[2 * PITCH] = piece[i].z;
        p[3 * PITCH] = piece[i].w;
      } else {
        *reinterpret_cast<float4 *>(to + first * PITCH + 4 * SHARE::piece()) = piece[i];
      }
    }
  }

  // Which row or column of the tile a thread's i-th is.
  __device__ __forceinline__ static int place(int thread, int i) { return i / 4 * 64 + 4 * thread + i % 4; }

  template <int N> __device__ __forceinline__ static void take(float (&v)[N], const float *from, int thread) {
#pragma unroll
    for (int i = 0; i < N; i += 4) {
      float4 four = *reinterpret_cast<const float4 *>(from + i / 4 * 64 + 4 * thread);
      v[i] = four.x;
      v[i + 1] = four.y;
      v[i + 2] = four.z;
      v[i + 3] = four.w;
    }
  }

  __device__ __forceinline__ void multiply(const float *stage) {
    const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
    const float *other = stage + FP32_K_STEP * PITCH_A;
#pragma unroll
    for (int k = 0; k < FP32_K_STEP; k++) {
      float a[TM], b[TN];
      take(a, stage + k * PITCH_A, ty);
      take(b, other + k * PITCH_B, tx);
#pragma unroll
      for (int i = 0; i < TM; i++)
#pragma unroll
        for (int j = 0; j < TN; j++) sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
    }
  }

 public:
  // Writes the sums: each thread hands over one of its rows at a time.
  template <class STORE> __device__ __forceinline__ void finish(unsigned char *bytes, const STORE &store) const {
    constexpr int PITCH = BN + 4;
    float *shared = reinterpret_cast<float *>(bytes);
    const int tx = threadIdx.x % 16, ty = threadIdx.x / 16;
#pragma unroll 1
    for (int pass = 0; pass < TM; pass++) {
      __syncthreads();
#pragma unroll
      for (int i = 0; i < TM; i++) {
        if (i != pass) continue;
#pragma unroll
        for (int j = 0; j < TN; j += 4) {
          *reinterpret_cast<float4 *>(shared + ty * PITCH + place(tx, j)) = make_float4(sum[i][j], sum[i][j + 1], sum[i][j + 2], sum[i][j + 3]);
        }
      }
      __syncthreads();
      writeRows<16, BN, PITCH, THREADS>(shared, store, [pass](int r) { return place(r, pass); });
    }
  }
};

}  // namespace tile
