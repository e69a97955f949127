// The instructions of kernels/cuda/ptx.cuh as functions, included inside namespace ptx. A product of matrices is summed in double and
// rounded once, which is at least as exact as the hardware.

using sim::Lanes;
using sim::Site;

inline uint32_t sharedAddress(const void *p, HERE) { return sim::sharedAddress(p, site); }

template <bool TRANSPOSED> inline void loadMatrices(Lanes &lanes) {
  const uint16_t *row[32];
  for (int l = 0; l < 32; l++) {
    uint32_t address = *static_cast<const uint32_t *>(lanes.in[l]);
    if (address & 15) sim::fail(lanes.site, "ldmatrix: lane %d's row at %u is not aligned to 16 bytes", l, address);
    row[l] = reinterpret_cast<const uint16_t *>(sim::sharedPointer(address, 16, lanes.site));
  }
  for (int q = 0; q < 4; q++) {
    // The eight rows of a matrix are read at once when no two of them lie in the same four of the 32 banks.
    int most = 0, rows[8] = {};
    for (int i = 0; i < 8; i++) {
      uint32_t address = *static_cast<const uint32_t *>(lanes.in[8 * q + i]);
      bool again = false;
      for (int j = 0; j < i; j++) again |= *static_cast<const uint32_t *>(lanes.in[8 * q + j]) == address;
      if (!again) most = max(most, ++rows[address >> 4 & 7]);
    }
    sim::ldmatrixPhases++;
    sim::ldmatrixAccesses += uint64_t(most);
  }
  for (int l = 0; l < 32; l++) {
    int g = l / 4, t = l % 4;
    for (int q = 0; q < 4; q++) {
      uint16_t low = TRANSPOSED ? row[8 * q + 2 * t][g] : row[8 * q + g][2 * t];
      uint16_t high = TRANSPOSED ? row[8 * q + 2 * t + 1][g] : row[8 * q + g][2 * t + 1];
      (*static_cast<uint32_t(*)[4]>(lanes.out[l]))[q] = uint32_t(high) << 16 | low;
    }
  }
}
inline void noteRow(uint32_t row, Site site) {
  if (sim::sharedIsWatched()) sim::sharedAccess(sim::sharedPointer(row, 16, site), 16, false, nullptr, site);
}
inline void ldmatrix4(uint32_t (&r)[4], uint32_t row, HERE) {
  noteRow(row, site);
  sim::together("ldmatrix", ~0u, &row, &r, loadMatrices<false>, site);
}
inline void ldmatrix4Transposed(uint32_t (&r)[4], uint32_t row, HERE) {
  noteRow(row, site);
  sim::together("ldmatrix.trans", ~0u, &row, &r, loadMatrices<true>, site);
}

struct Fragments { const uint32_t *a, *b; };

inline float bf16Of(uint32_t pair, int high) { return __bfloat162float({uint16_t(high ? pair >> 16 : pair)}); }
inline float f16Of(uint32_t pair, int high) { return __half2float({uint16_t(high ? pair >> 16 : pair)}); }
// The hardware ignores the lower 13 bits.
inline float tf32Of(uint32_t bits) { return __uint_as_float(bits & 0xffffe000u); }

template <int K> inline void multiply(const float (&a)[16][K], const float (&b)[K][8], Lanes &lanes) {
  for (int l = 0; l < 32; l++) {
    float *c = static_cast<float *>(lanes.out[l]);
    for (int r = 0; r < 4; r++) {
      double sum = c[r];
      for (int k = 0; k < K; k++) sum += double(a[l / 4 + 8 * (r >> 1)][k]) * b[k][2 * (l % 4) + (r & 1)];
      c[r] = float(sum);
    }
  }
}
template <float (*OF)(uint32_t, int)> inline void multiply16(Lanes &lanes) {
  float a[16][16], b[16][8];
  for (int l = 0; l < 32; l++) {
    int g = l / 4, t = l % 4;
    auto &in = *static_cast<const Fragments *>(lanes.in[l]);
    for (int h = 0; h < 2; h++) {
      for (int r = 0; r < 4; r++) a[g + 8 * (r & 1)][2 * t + h + 8 * (r >> 1)] = OF(in.a[r], h);
      for (int r = 0; r < 2; r++) b[2 * t + h + 8 * r][g] = OF(in.b[r], h);
    }
  }
  multiply(a, b, lanes);
}
inline void multiplyTf32(Lanes &lanes) {
  float a[16][8], b[8][8];
  for (int l = 0; l < 32; l++) {
    int g = l / 4, t = l % 4;
    auto &in = *static_cast<const Fragments *>(lanes.in[l]);
    for (int r = 0; r < 4; r++) a[g + 8 * (r & 1)][t + 4 * (r >> 1)] = tf32Of(in.a[r]);
    for (int r = 0; r < 2; r++) b[t + 4 * r][g] = tf32Of(in.b[r]);
  }
  multiply(a, b, lanes);
}
inline void mmaBf16(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], HERE) {
  Fragments in{a, b};
  sim::together("mma.bf16", ~0u, &in, c, multiply16<bf16Of>, site);
}
inline void mmaF16(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], HERE) {
  Fragments in{a, b};
  sim::together("mma.f16", ~0u, &in, c, multiply16<f16Of>, site);
}
inline void mmaTf32(float (&c)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], HERE) {
  Fragments in{a, b};
  sim::together("mma.tf32", ~0u, &in, c, multiplyTf32, site);
}

// Half of the last place that stays is added, and the rest cut off: nearest, ties away from zero.
inline uint32_t toTf32(float x) {
  uint32_t bits = __float_as_uint(x);
  if ((bits & 0x7f800000u) == 0x7f800000u) return bits & 0x7fffffu ? 0x7fffffffu : bits;
  return (bits + 0x1000u) & 0xffffe000u;
}

template <int BYTES> inline void copyAsync(uint32_t to, const void *from, int read, HERE) { sim::copyAsync(to, from, BYTES, read, site); }
inline void copyCommit() { sim::commitCopies(); }
template <int KEEP> inline void copyWait() { sim::awaitCopies(KEEP, sim::copyDone); }
