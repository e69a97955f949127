// A product of two matrices on tensor cores: C[m][n] = sum over k of A[m][k] B[n][k], a block of threads making a tile of BM x BN.
//
//        BN                     Each of WARPS_M x WARPS_N warps holds (BM / WARPS_M) x (BN / WARPS_N) sums in registers.
//     +--+--+--+--+             32 k a step, from shared memory; while a step is multiplied, the next ones are on their way:
//  BM |w0|w1|w2|w3|               TF32        copied as they are by cp.async, in STAGES buffers
//     +--+--+--+--+               BF16, FP16  read into registers, rounded, and written to the other of two buffers
//     |w4|w5|w6|w7|
//     +--+--+--+--+             BM, BN: 64 or 128. Arithmetic bounds it from some hundred channels on; memory below.
#pragma once
#include "loaders.cuh"
#include "shared_tile.cuh"
#include "store.cuh"

namespace tile {

// The number of pieces of four floats of a factor that a thread reads a step, and which: those of row (or k) first, first + step, ...
template <int ROWS, bool K_INSIDE, int THREADS, int STEP = K_STEP> struct Share {
  static constexpr int PIECES = K_INSIDE ? STEP / 4 : ROWS / 4;
  static constexpr int LOADS = ROWS * STEP / 4 / THREADS;
  static constexpr int APART = THREADS / PIECES;
  static_assert(LOADS * THREADS * 4 == ROWS * STEP, "the pieces of a step must divide evenly");

  __device__ __forceinline__ static int piece() { return int(threadIdx.x) % PIECES; }
  __device__ __forceinline__ static int first() { return int(threadIdx.x) / PIECES; }
  // Tells a loader which pieces it owns, of a tile that begins at row `origin`.
  template <class LOADER> __device__ __forceinline__ static void begin(LOADER &loader, int origin, int k0) {
    if (K_INSIDE) {
      loader.begin(origin + first(), APART, piece(), k0);
    } else {
      loader.begin(first(), APART, origin + 4 * piece(), k0);
    }
  }
};

template <class PRECISION, int BM, int BN, int WARPS_M, int WARPS_N, bool A_INSIDE, bool B_INSIDE, int STAGES_ASYNC> struct TensorProduct {
  static constexpr int THREADS = 32 * WARPS_M * WARPS_N;
  static constexpr int STAGES = PRECISION::HALF ? 2 : STAGES_ASYNC;
  static constexpr int WM = BM / WARPS_M, WN = BN / WARPS_N, MI = WM / 16, NI = WN / 8;
  static constexpr int PARTS = PRECISION::HALF ? 2 : 4;
  using TileA = SharedTile<PRECISION, BM, A_INSIDE>;
  using TileB = SharedTile<PRECISION, BN, B_INSIDE>;
  using ShareA = Share<BM, A_INSIDE, THREADS>;
  using ShareB = Share<BN, B_INSIDE, THREADS>;
  static constexpr int STAGE = TileA::BYTES + TileB::BYTES;
  static constexpr int SHARED = STAGES * STAGE;

  float sum[MI][NI][4];

  // Adds the products of `steps` steps to the sums, which begin at 0.
  template <class A, class B> __device__ __forceinline__ void run(unsigned char *shared, A &a, B &b, int m0, int n0, int k0, int steps) {
#pragma unroll
    for (int i = 0; i < MI; i++)
#pragma unroll
      for (int j = 0; j < NI; j++)
#pragma unroll
        for (int r = 0; r < 4; r++) sum[i][j][r] = 0;
    ShareA::begin(a, m0, k0);
    ShareB::begin(b, n0, k0);
    if constexpr (PRECISION::HALF) {
      runThroughRegisters(shared, a, b, steps);
    } else {
      runAsync(shared, a, b, steps);
    }
  }

 private:
  template <class A, class B> __device__ __forceinline__ void runAsync(unsigned char *shared, A &a, B &b, int steps) {
    for (int s = 0; s < STAGES - 1; s++) {
      if (s < steps) copyStage(shared + s * STAGE, a, b);
      ptx::copyCommit();
    }
    int now = 0, ahead = STAGES - 1;
    for (int s = 0; s < steps; s++) {
      ptx::copyWait<STAGES - 2>();
      // Step s has arrived for all threads, and step s - 1, whose buffer comes next, was multiplied by all.
      __syncthreads();
      if (s + STAGES - 1 < steps) copyStage(shared + ahead * STAGE, a, b);
      ptx::copyCommit();
      multiply(shared + now * STAGE);
      now = now + 1 == STAGES ? 0 : now + 1;
      ahead = ahead + 1 == STAGES ? 0 : ahead + 1;
    }
  }

  template <class A, class B> __device__ __forceinline__ void copyStage(unsigned char *stage, A &a, B &b) {
    copyPieces<TileA, ShareA, A_INSIDE>(stage, a);
    copyPieces<TileB, ShareB, B_INSIDE>(stage + TileA::BYTES, b);
  }
  template <class TILE, class SHARE, bool INSIDE, class LOADER> __device__ __forceinline__ void copyPieces(unsigned char *to, LOADER &loader) {
#pragma unroll
    for (int i = 0; i < SHARE::LOADS; i++) {
      int bytes;
      const float *from = loader.source(i, bytes);
      ptx::copyAsync<16>(ptx::sharedAddress(to + TILE::at(SHARE::first() + i * SHARE::APART, SHARE::piece())), from, bytes);
    }
    loader.next();
  }

  template <class A, class B> __device__ __forceinline__ void runThroughRegisters(unsigned char *shared, A &a, B &b, int steps) {
    float4 pieceA[ShareA::LOADS], pieceB[ShareB::LOADS];
    if (steps > 0) {
      read(pieceA, a);
      read(pieceB, b);
      write<TileA, ShareA>(shared, pieceA);
      write<TileB, ShareB>(shared + TileA::BYTES, pieceB);
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
        unsigned char *next = shared + (~s & 1) * STAGE;
        write<TileA, ShareA>(next, pieceA);
        write<TileB, ShareB>(next + TileA::BYTES, pieceB);
      }
      __syncthreads();
    }
  }

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
  template <class TILE, class SHARE, int LOADS> __device__ __forceinline__ void write(unsigned char *to, const float4 (&piece)[LOADS]) {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      uint2 v = make_uint2(PRECISION::pack(piece[i].x, piece[i].y), PRECISION::pack(piece[i].z, piece[i].w));
      *reinterpret_cast<uint2 *>(to + TILE::at(SHARE::first() + i * SHARE::APART, SHARE::piece())) = v;
    }
  }

  __device__ __forceinline__ void multiply(const unsigned char *stage) {
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    const int row = warp / WARPS_N * WM, column = warp % WARPS_N * WN;
#pragma unroll
    for (int part = 0; part < PARTS; part++) {
      uint32_t a[MI][4], b[NI / 2][4];
#pragma unroll
      for (int i = 0; i < MI; i++) TileA::a(a[i], stage, row + 16 * i, part, lane);
#pragma unroll
      for (int j = 0; j < NI / 2; j++) TileB::b(b[j], stage + TileA::BYTES, column + 16 * j, part, lane);
#pragma unroll
      for (int i = 0; i < MI; i++)
#pragma unroll
        for (int j = 0; j < NI; j++) {
          uint32_t pair[2] = {b[j / 2][j % 2 * 2], b[j / 2][j % 2 * 2 + 1]};
          PRECISION::mma(sum[i][j], a[i], pair);
        }
    }
  }

 public:
  // Writes the sums: each warp hands over 16 of its rows at a time.
  template <class STORE> __device__ __forceinline__ void finish(unsigned char *bytes, const STORE &store) const {
    constexpr int PITCH = BN + 4;
    static_assert(WARPS_M * 16 * PITCH * 4 <= SHARED, "the rows of a pass must fit where the factors were");
    float *shared = reinterpret_cast<float *>(bytes);
    const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
    float *mine = shared + (warp / WARPS_N * 16 + (lane >> 2)) * PITCH + warp % WARPS_N * WN + 2 * (lane & 3);
    ptx::copyWait<0>();
#pragma unroll 1
    for (int pass = 0; pass < MI; pass++) {
      __syncthreads();
#pragma unroll
      for (int i = 0; i < MI; i++) {
        if (i != pass) continue;
#pragma unroll
        for (int j = 0; j < NI; j++) {
          *reinterpret_cast<float2 *>(mine + 8 * j) = make_float2(sum[i][j][0], sum[i][j][1]);
          *reinterpret_cast<float2 *>(mine + 8 * PITCH + 8 * j) = make_float2(sum[i][j][2], sum[i][j][3]);
        }
      }
      __syncthreads();
      writeRows<WARPS_M * 16, BN, PITCH, THREADS>(shared, store, [pass](int r) { return r / 16 * WM + 16 * pass + r % 16; });
    }
  }
};

}  // namespace tile
