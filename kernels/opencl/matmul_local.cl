// Matrix products with tiles in local memory, for GPUs (profile GPU); conv_local.cl uses the same tiles.
//
//   matmul_local_nn, _nt, _tn, _tt   y (m, n) = A B + bias; t: the left or right factor is given transposed
//   add_segments                     adds the sums of segments of k, in order
//
// A work group computes LOCAL_M rows by LOCAL_N columns of the result, LOCAL_K steps of k at a time:
//
//                       LOCAL_N columns
//               k     +-------------------+
//                     |    right tile     |   Both tiles lie in local memory k by k, so that a step of k
//         k           +-------------------+   is a row of each.
//       +----+        +----+--------------+
//       |    |        |sums|              |   A work-item holds LOCAL_ROWS by LOCAL_COLUMNS sums in
//       |left|        +----+              |   registers, as blocks of 4 by 4: for each k it reads
//       |tile|        |                   |   LOCAL_ROWS + LOCAL_COLUMNS numbers for LOCAL_ROWS *
//       |    |        |                   |   LOCAL_COLUMNS multiply-adds. Its blocks lie far apart, so
//       +----+        +-------------------+   that neighbours read and write neighbouring words.
//     LOCAL_M rows
//
// While a tile is multiplied, each work-item already has its part of the next one on the way to its
// registers. The memory's own order decides how a tile is read: four numbers along k are stored to four
// rows of the tile, four numbers along the rows or columns to one. Rows of a tile are padded by four
// floats, so that the former do not meet in one bank of local memory.
//
// Grid: (tiles of the result; matrices of a batch, or segments of k). Tiles of one row of tiles follow one
// another: they share the left factor, in convolutions the larger one. Where the result has too few tiles
// to occupy a device, k is cut into segments, whose sums are added in a second pass.
//
// Parameters: LOCAL_M, LOCAL_N (32, 64, 128), LOCAL_K (8, 16, 32), LOCAL_ROWS, LOCAL_COLUMNS (4, 8); which
// combinations are possible says the class LocalTile. Bound by arithmetic, few rows or columns by memory.

#ifdef PROFILE_GPU

#define ACROSS (LOCAL_N / LOCAL_COLUMNS)
#define LOCAL_GROUP (ACROSS * (LOCAL_M / LOCAL_ROWS))
#define LOCAL_VECTORS (LOCAL_COLUMNS / 4)
// Floats from a step of k to the next.
#define LEFT_STEP (LOCAL_M + 4)
#define RIGHT_STEP (LOCAL_N + 4)
// Floats of a tile that each work-item moves.
#define LEFT_PART (LOCAL_M * LOCAL_K / LOCAL_GROUP)
#define RIGHT_PART (LOCAL_N * LOCAL_K / LOCAL_GROUP)

#define TILE_KERNEL kernel __attribute__((reqd_work_group_size(LOCAL_GROUP, 1, 1))) void

#ifdef FP_FAST_FMAF
#define MULTIPLY_ADD(a, b, c) fma(a, b, c)
#else
// Where fma is slow, the compiler chooses what is fast.
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

// The first n of four numbers, zeros behind them. With `aligned`, p is a multiple of 16 bytes.
INLINED float4 load_quad(global const float *p, int n, int aligned) {
  if (n >= 4) {
    return aligned ? *(global const float4 *)p : vload4(0, p);
  }
  float4 v = 0;
  if (n > 0) {
    v.x = p[0];
  }
  if (n > 1) {
    v.y = p[1];
  }
  if (n > 2) {
    v.z = p[2];
  }
  return v;
}

INLINED void store_quad(float4 v, global float *p, int n) {
  if (n >= 4) {
    vstore4(v, 0, p);
    return;
  }
  if (n > 0) {
    p[0] = v.x;
  }
  if (n > 1) {
    p[1] = v.y;
  }
  if (n > 2) {
    p[2] = v.z;
  }
}

// The part of this work-item of a tile of `size` rows or columns, from `row` on, by LOCAL_K steps, from k
// on; zeros from `rows` and `end` on. In memory four numbers lie side by side along k or along the rows.
INLINED void fetch(const bool along_k, const int size, float4 *part, global const float *x, int row,
    int rows, int k, int end, int step, int aligned) {
  const int quads = (along_k ? LOCAL_K : size) / 4;
#pragma unroll
  for (int i = 0; i < size * LOCAL_K / 4 / LOCAL_GROUP; i++) {
    int quad = (int)get_local_id(0) + i * LOCAL_GROUP;
    int inner = (along_k ? k : row) + quad % quads * 4;
    int outer = (along_k ? row : k) + quad / quads;
    part[i] = 0;
    if (outer < (along_k ? rows : end)) {
      part[i] = load_quad(x + (long)outer * step + inner, (along_k ? end : rows) - inner, aligned);
    }
  }
}

// Four numbers along k at a place of a tile.
INLINED void place_along_k(const int size, float4 v, int k, int row, local float4 *tile) {
  local float *p = (local float *)tile + k * (size + 4) + row;
  p[0] = v.x;
  p[size + 4] = v.y;
  p[2 * (size + 4)] = v.z;
  p[3 * (size + 4)] = v.w;
}

// Puts what `fetch` read into the tile.
INLINED void place(const bool along_k, const int size, const float4 *part, local float4 *tile) {
  const int quads = (along_k ? LOCAL_K : size) / 4;
#pragma unroll
  for (int i = 0; i < size * LOCAL_K / 4 / LOCAL_GROUP; i++) {
    int quad = (int)get_local_id(0) + i * LOCAL_GROUP;
    if (along_k) {
      place_along_k(size, part[i], quad % quads * 4, quad / quads, tile);
    } else {
      tile[quad / quads * (size / 4 + 1) + quad % quads] = part[i];
    }
  }
}

INLINED void clear_sums(float4 (*sums)[LOCAL_VECTORS]) {
#pragma unroll
  for (int r = 0; r < LOCAL_ROWS; r++) {
#pragma unroll
    for (int v = 0; v < LOCAL_VECTORS; v++) {
      sums[r][v] = 0;
    }
  }
}

// Where block b of the work-item's rows or columns begins in the tile.
INLINED int block_row(int b) {
  return 4 * (b * (LOCAL_M / LOCAL_ROWS) + (int)get_local_id(0) / ACROSS);
}

INLINED int block_column(int b) {
  return 4 * (b * ACROSS + (int)get_local_id(0) % ACROSS);
}

INLINED void add_product(
    float4 (*sums)[LOCAL_VECTORS], local const float4 *left, local const float4 *right) {
#pragma unroll 8
  for (int k = 0; k < LOCAL_K; k++) {
    float4 b[LOCAL_VECTORS];
#pragma unroll
    for (int v = 0; v < LOCAL_VECTORS; v++) {
      b[v] = right[(k * RIGHT_STEP + block_column(v)) / 4];
    }
#pragma unroll
    for (int r = 0; r < LOCAL_ROWS; r += 4) {
      float4 a = left[(k * LEFT_STEP + block_row(r / 4)) / 4];
#pragma unroll
      for (int v = 0; v < LOCAL_VECTORS; v++) {
        sums[r][v] = MULTIPLY_ADD((float4)(a.x), b[v], sums[r][v]);
        sums[r + 1][v] = MULTIPLY_ADD((float4)(a.y), b[v], sums[r + 1][v]);
        sums[r + 2][v] = MULTIPLY_ADD((float4)(a.z), b[v], sums[r + 2][v]);
        sums[r + 3][v] = MULTIPLY_ADD((float4)(a.w), b[v], sums[r + 3][v]);
      }
    }
  }
}

// Stores a row of the work-item's sums, with bias, residual and ReLU; n columns of the result are left from
// `column`, the tile's first one, on. `at` is the place of that one in y and in the residual.
INLINED void store_sums(const float4 *sums, Epilogue e, global float *y, long at, int column, int n) {
#pragma unroll
  for (int v = 0; v < LOCAL_VECTORS; v++) {
    int c = block_column(v);
    float4 s = sums[v];
    if (e.bias) {
      s += load_quad(e.bias + column + c, n - c, 0);
    }
    if (e.residual) {
      s += load_quad(e.residual + at + c, n - c, 0);
    }
    if (e.kind == ACTIVATION_RELU) {
      s = activate4(ACTIVATION_RELU, 0, s);
    }
    store_quad(s, y + at + c, n - c);
  }
}

// The matrices of a batch are a_step, b_step and y_step apart. With a segment, the results of the segments
// are, and a_step and b_step are 0.
#define MATMUL_PARAMETERS                                                                             \
  IN(float, a), IN(float, b), OUT(float, y), EPILOGUE, const int m, const int n, const int k,         \
      const long a_step, const long b_step, const long y_step, const int segment, const int a_aligned, \
      const int b_aligned

#define MATMUL_LOCAL(name, transpose_a, transpose_b)                                                  \
  TILE_KERNEL name(MATMUL_PARAMETERS) {                                                               \
    local float4 left[LOCAL_K * LEFT_STEP / 4];                                                       \
    local float4 right[LOCAL_K * RIGHT_STEP / 4];                                                     \
    Epilogue e = EPILOGUE_OF_ARGUMENTS;                                                               \
    int i = get_group_id(1);                                                                          \
    int begin = i * segment;                                                                          \
    int end = segment > 0 ? min(k, begin + segment) : k;                                              \
    multiply_tile(transpose_a, transpose_b, AT(a) + i * a_step, AT(b) + i * b_step,                   \
        AT(y) + i * y_step, e, m, n, k, begin, end, a_aligned, b_aligned, left, right);               \
  }

INLINED void multiply_tile(const bool transpose_a, const bool transpose_b, global const float *a,
    global const float *b, global float *y, Epilogue e, int m, int n, int k, int begin, int end,
    int a_aligned, int b_aligned, local float4 *left, local float4 *right) {
  int tiles_across = (n + LOCAL_N - 1) / LOCAL_N;
  int row = (int)get_group_id(0) / tiles_across * LOCAL_M;
  int column = (int)get_group_id(0) % tiles_across * LOCAL_N;
  int a_row = transpose_a ? m : k;
  int b_row = transpose_b ? k : n;
  float4 a_part[LEFT_PART / 4], b_part[RIGHT_PART / 4];
  float4 sums[LOCAL_ROWS][LOCAL_VECTORS];
  clear_sums(sums);
  fetch(!transpose_a, LOCAL_M, a_part, a, row, m, begin, end, a_row, a_aligned);
  fetch(transpose_b, LOCAL_N, b_part, b, column, n, begin, end, b_row, b_aligned);
  for (int at = begin; at < end; at += LOCAL_K) {
    barrier(CLK_LOCAL_MEM_FENCE);
    place(!transpose_a, LOCAL_M, a_part, left);
    place(transpose_b, LOCAL_N, b_part, right);
    barrier(CLK_LOCAL_MEM_FENCE);
    fetch(!transpose_a, LOCAL_M, a_part, a, row, m, at + LOCAL_K, end, a_row, a_aligned);
    fetch(transpose_b, LOCAL_N, b_part, b, column, n, at + LOCAL_K, end, b_row, b_aligned);
    add_product(sums, left, right);
  }
#pragma unroll
  for (int r = 0; r < LOCAL_ROWS; r++) {
    int at = row + block_row(r / 4) + r % 4;
    if (at < m) {
      store_sums(sums[r], e, y, (long)at * n + column, column, n - column);
    }
  }
}

MATMUL_LOCAL(matmul_local_nn, false, false)
MATMUL_LOCAL(matmul_local_nt, false, true)
MATMUL_LOCAL(matmul_local_tn, true, false)
MATMUL_LOCAL(matmul_local_tt, true, true)

// y (n / columns, columns) from the sums of segments (segments, n / columns, columns). Grid: elements.
kernel void add_segments(IN(float, sums), OUT(float, y), EPILOGUE, const int n, const int columns,
    const int segments) {
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  int i = get_global_id(0);
  if (i < n) {
    float sum = 0;
    for (int s = 0; s < segments; s++) {
      sum += AT(sums)[(long)s * n + i];
    }
    if (e.bias) {
      sum += e.bias[i % columns];
    }
    if (e.residual) {
      sum += e.residual[i];
    }
    AT(y)[i] = activate(e.kind, e.alpha, sum);
  }
}

#endif
