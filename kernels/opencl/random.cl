// Random numbers by Philox4x32-10 (RandomOp.java says which), and dropout, which draws them anew
// instead of reading a mask.
//
// Grid: a work-item makes a block of four elements. Arithmetic bounds a CPU, memory most GPUs.

// Ten rounds on the block's and the stream's number, with the seed as the key.
static inline uint4 philox(ulong seed, ulong stream, int block) {
  uint4 c = (uint4)((uint)block, 0, (uint)stream, (uint)(stream >> 32));
  uint k0 = (uint)seed;
  uint k1 = (uint)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint high0 = mul_hi(0xD2511F53u, c.x);
    uint high1 = mul_hi(0xCD9E8D57u, c.z);
    c = (uint4)(high1 ^ c.y ^ k0, 0xCD9E8D57u * c.z, high0 ^ c.w ^ k1, 0xD2511F53u * c.x);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// In (0, 1).
static inline float4 uniform_numbers(uint4 words) {
  return (convert_float4(words >> 8) + 0.5f) * 0x1p-24f;
}

// sqrt(-2 ln u) for the uniform number u = (k + 0.5) / 2^24, k a word's upper 24 bits. From 1/2 on the
// half does not fit into u, but it does into 1 - u.
static inline float normal_radius(uint word) {
  int k = word >> 8;
  int rest = (1 << 24) - 1 - k;
  float logarithm = k < 1 << 23 ? log(((float)k + 0.5f) * 0x1p-24f)
                                : log1p(((float)rest + 0.5f) * -0x1p-24f);
  return sqrt(-2.0f * logarithm);
}

// The angle of a word in units of pi, in [-1, 1), where the half fits.
static inline float normal_angle(uint word) {
  int k = word >> 8;
  return ((float)(k < 1 << 23 ? k : k - (1 << 24)) + 0.5f) * 0x1p-23f;
}

// By Box and Muller.
static inline float4 normal_numbers(uint4 words) {
  float r0 = normal_radius(words.x);
  float r1 = normal_radius(words.z);
  float a0 = normal_angle(words.y);
  float a1 = normal_angle(words.w);
  return (float4)(r0 * cospi(a0), r0 * sinpi(a0), r1 * cospi(a1), r1 * sinpi(a1));
}

static inline void put_block(float4 values, global float *p, int block, int n) {
  int i = 4 * block;
  if (i + 4 <= n) {
    vstore4(values, block, p);
  } else if (i < n) {
    p[i] = values.x;
    if (i + 1 < n) {
      p[i + 1] = values.y;
    }
    if (i + 2 < n) {
      p[i + 2] = values.z;
    }
  }
}

// Rounding may reach the end of the range, which is not part of it: `last` is the number before.
kernel void random_uniform(OUT(float, y), const int n, const ulong seed, const ulong stream,
                           const float low, const float range, const float last) {
  int block = get_global_id(0);
  float4 u = uniform_numbers(philox(seed, stream, block));
  put_block(fmin(fma((float4)(range), u, (float4)(low)), last), AT(y), block, n);
}

kernel void random_normal(OUT(float, y), const int n, const ulong seed, const ulong stream,
                          const float mean, const float deviation) {
  int block = get_global_id(0);
  float4 z = normal_numbers(philox(seed, stream, block));
  put_block(fma(z, (float4)(deviation), (float4)(mean)), AT(y), block, n);
}

// y = u < p ? 0 : x scale.
kernel void dropout(INOUT(float, x), INOUT(float, y), const int n, const ulong seed,
                    const ulong stream, const float p, const float scale) {
  int block = get_global_id(0);
  int i = 4 * block;
  float4 u = uniform_numbers(philox(seed, stream, block));
  float4 v = (float4)(0);
  if (i + 4 <= n) {
    v = vload4(block, AT(x));
  } else if (i < n) {
    v.x = AT(x)[i];
    v.y = i + 1 < n ? AT(x)[i + 1] : 0;
    v.z = i + 2 < n ? AT(x)[i + 2] : 0;
  }
  put_block(u < p ? (float4)(0) : v * scale, AT(y), block, n);
}
