// Random numbers by Philox4x32-10 (RandomOp.java says which), and dropout, which draws them anew
// instead of reading a mask.
//
// Grid: a work-item makes ELEMENT_VECTOR blocks of four elements side by side: word k of all its
// blocks is a vector. Arithmetic bounds a CPU, memory most GPUs.

// The elements of a work-item.
#define BLOCK_ELEMENTS (4 * ELEMENT_VECTOR)

constant uint NUMBERS[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The number of the work-item's first block.
static inline int first_block() {
  return (int)get_global_id(0) * ELEMENT_VECTOR;
}

// Ten rounds on the block's number, of which `part` is the upper half, and the stream's, with the seed as
// the key.
static inline void philox(ulong seed, ulong stream, int block, uint part, uints words[4]) {
  uints c0 = (uint)block + LOAD_ELEMENTS(NUMBERS);
  uints c1 = (uints)(part);
  uints c2 = (uints)((uint)stream);
  uints c3 = (uints)((uint)(stream >> 32));
  uint k0 = (uint)seed;
  uint k1 = (uint)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    // Not mul_hi, for which PoCL has no vector instruction.
    ulongs product0 = 0xD2511F53ul * PER_ELEMENT(convert_ulong)(c0);
    ulongs product1 = 0xCD9E8D57ul * PER_ELEMENT(convert_ulong)(c2);
    c0 = PER_ELEMENT(convert_uint)(product1 >> 32) ^ c1 ^ k0;
    c1 = PER_ELEMENT(convert_uint)(product1);
    c2 = PER_ELEMENT(convert_uint)(product0 >> 32) ^ c3 ^ k1;
    c3 = PER_ELEMENT(convert_uint)(product0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}

// In (0, 1).
static inline floats uniform_number(uints word) {
  return (PER_ELEMENT(convert_float)(word >> 8) + 0.5f) * 0x1p-24f;
}

// sqrt(-2 ln u) for the uniform number u = (k + 0.5) / 2^24, k a word's upper 24 bits. From 1/2 on the
// half does not fit into u, but it does into 1 - u; what is then lost in 1 - (1 - u) is added after.
static inline floats normal_radius(uints word) {
  uints k = word >> 8;
  floats rest = (PER_ELEMENT(convert_float)(0xFFFFFFu - k) + 0.5f) * 0x1p-24f;
  floats w = 1 - rest;
  floats large = log(w) - (rest - (1 - w)) / w;
  floats small = log(uniform_number(word));
  return sqrt(-2.0f * (k < 1u << 23 ? small : large));
}

// The angle of a word in units of pi, in [-1, 1), where the half fits.
static inline floats normal_angle(uints word) {
  ints k = PER_ELEMENT(as_int)(word) >> 8;
  return (PER_ELEMENT(convert_float)(k) + 0.5f) * 0x1p-23f;
}

// By Box and Muller: number k of all the work-item's blocks.
static inline void normal_numbers(ulong seed, ulong stream, int block, uint part, floats z[4]) {
  uints words[4];
  philox(seed, stream, block, part, words);
  for (int k = 0; k < 4; k += 2) {
    floats radius = normal_radius(words[k]);
    floats angle = normal_angle(words[k + 1]);
    z[k] = radius * cospi(angle);
    z[k + 1] = radius * sinpi(angle);
  }
}

static inline void uniform_numbers(ulong seed, ulong stream, int block, floats u[4]) {
  uints words[4];
  philox(seed, stream, block, 0, words);
  for (int k = 0; k < 4; k++) {
    u[k] = uniform_number(words[k]);
  }
}

// Numbers of blocks in the order of elements.
static inline void interleave(const floats numbers[4], float elements[BLOCK_ELEMENTS]) {
  float v[4][ELEMENT_VECTOR];
  for (int k = 0; k < 4; k++) {
    STORE_ELEMENTS(numbers[k], v[k]);
  }
  for (int i = 0; i < BLOCK_ELEMENTS; i++) {
    elements[i] = v[i % 4][i / 4];
  }
}

static inline void put_blocks(const floats numbers[4], global float *p, int block, int n) {
  float elements[BLOCK_ELEMENTS];
  interleave(numbers, elements);
  for (int i = 0; i < BLOCK_ELEMENTS; i += ELEMENT_VECTOR) {
    put_at(LOAD_ELEMENTS(elements + i), p, 4 * block + i, n);
  }
}

// Rounding may reach the end of the range, which is not part of it: `last` is the number before.
kernel void random_uniform(OUT(float, y), const int n, const ulong seed, const ulong stream,
                           const float low, const float range, const float last) {
  floats u[4];
  uniform_numbers(seed, stream, first_block(), u);
  for (int k = 0; k < 4; k++) {
    u[k] = fmin(fma((floats)(range), u[k], (floats)(low)), last);
  }
  put_blocks(u, AT(y), first_block(), n);
}

kernel void random_normal(OUT(float, y), const int n, const ulong seed, const ulong stream,
                          const float mean, const float deviation) {
  floats z[4];
  normal_numbers(seed, stream, first_block(), 0, z);
  for (int k = 0; k < 4; k++) {
    z[k] = fma(z[k], (floats)(deviation), (floats)(mean));
  }
  put_blocks(z, AT(y), first_block(), n);
}

// y = u < p ? 0 : x scale.
kernel void dropout(INOUT(float, x), INOUT(float, y), const int n, const ulong seed,
                    const ulong stream, const float p, const float scale) {
  floats numbers[4];
  float u[BLOCK_ELEMENTS];
  uniform_numbers(seed, stream, first_block(), numbers);
  interleave(numbers, u);
  for (int k = 0; k < BLOCK_ELEMENTS; k += ELEMENT_VECTOR) {
    int i = 4 * first_block() + k;
    floats v = get_at(AT(x), i, n) * scale;
    put_at(LOAD_ELEMENTS(u + k) < p ? (floats)(0) : v, AT(y), i, n);
  }
}
