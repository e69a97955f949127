// Matrix products with a tile of sums in each work-item's registers, for processors with vector units
// (profile CPU); conv.cl and winograd.cl use the same tiles.
//
//   matmul_rows      y (m, n) = A B, A (m, k) in rows
//   matmul_outer     y (m, n) = A B, A given in left panels
//   matmul_dots      y (m, n) = A B^T for few rows: dot products of rows of a and b
//   pack_right, pack_left, clear_memory
//
// A tile is REGISTER_ROWS rows by REGISTER_COLUMNS = REGISTER_WIDTH * REGISTER_VECTORS columns:
//
//                 columns: REGISTER_VECTORS vectors of REGISTER_WIDTH floats
//                 +--------+--------+
//   a step of B   |        |        |   two vectors are loaded ...
//                 +--------+--------+
//   A: one float  |        |        |
//   of each row,  |  sums, all of   |   ... and multiplied by one float of each row of A:
//   in every lane |  them registers |   REGISTER_ROWS * REGISTER_VECTORS independent multiply-adds,
//                 |        |        |   enough to hide their latency
//                 +--------+--------+
//
// A right panel holds REGISTER_COLUMNS columns of B step by step: (k, REGISTER_COLUMNS), zeros beyond
// the last column. A left panel holds REGISTER_ROWS rows of A likewise: (k, REGISTER_ROWS). So the
// innermost loop reads memory in order. Panels of a matrix follow one another.
//
// A work-item does a block of row_block rows by panel_block panels, chosen by the host so that the
// block's part of A and of B stay in the second cache (REGISTER_BLOCK). Within it, a panel of B meets
// all rows before the next. Work-items share nothing: the work group is one.
//
// Legal values: REGISTER_ROWS 1 to 12, REGISTER_WIDTH 4, 8 or 16 (the floats of a vector register),
// REGISTER_VECTORS 1 to 3. Sums, vectors of B and one of A want registers: 6 * 2 + 2 + 1 of 16.
// Bound by arithmetic, but for few rows: there by the memory that holds B.

#ifdef PROFILE_CPU

#define TILE_VECTOR JOIN(float, REGISTER_WIDTH)
#define TILE_LOAD(p) JOIN(vload, REGISTER_WIDTH)(0, p)
#define TILE_STORE(v, p) JOIN(vstore, REGISTER_WIDTH)(v, 0, p)
#define REGISTER_COLUMNS (REGISTER_WIDTH * REGISTER_VECTORS)

// Sums += A B over k steps; a[r] is row r of A, b a right panel.
static void tile_add_rows(TILE_VECTOR (*sums)[REGISTER_VECTORS], global const float *const *a,
    global const float *b, int k) {
#pragma unroll 1
  for (int i = 0; i < k; i++) {
    TILE_VECTOR right[REGISTER_VECTORS];
#pragma unroll
    for (int v = 0; v < REGISTER_VECTORS; v++) {
      right[v] = TILE_LOAD(b + v * REGISTER_WIDTH);
    }
    b += REGISTER_COLUMNS;
#pragma unroll
    for (int r = 0; r < REGISTER_ROWS; r++) {
      TILE_VECTOR left = a[r][i];
#pragma unroll
      for (int v = 0; v < REGISTER_VECTORS; v++) {
        sums[r][v] += left * right[v];
      }
    }
  }
}

// The same with A in a left panel, and steps of B that are b_step apart.
static void tile_add_outer(TILE_VECTOR (*sums)[REGISTER_VECTORS], global const float *a,
    global const float *b, int b_step, int k) {
#pragma unroll 1
  for (int i = 0; i < k; i++) {
    TILE_VECTOR right[REGISTER_VECTORS];
#pragma unroll
    for (int v = 0; v < REGISTER_VECTORS; v++) {
      right[v] = TILE_LOAD(b + v * REGISTER_WIDTH);
    }
    b += b_step;
#pragma unroll
    for (int r = 0; r < REGISTER_ROWS; r++) {
      TILE_VECTOR left = a[r];
#pragma unroll
      for (int v = 0; v < REGISTER_VECTORS; v++) {
        sums[r][v] += left * right[v];
      }
    }
    a += REGISTER_ROWS;
  }
}

static void tile_clear(TILE_VECTOR (*sums)[REGISTER_VECTORS]) {
#pragma unroll
  for (int r = 0; r < REGISTER_ROWS; r++) {
#pragma unroll
    for (int v = 0; v < REGISTER_VECTORS; v++) {
      sums[r][v] = 0;
    }
  }
}

// The first n floats at p, zeros behind them.
static TILE_VECTOR tile_load_part(global const float *p, int n) {
  if (n >= REGISTER_WIDTH) {
    return TILE_LOAD(p);
  }
  float part[REGISTER_WIDTH];
  for (int i = 0; i < REGISTER_WIDTH; i++) {
    part[i] = i < n ? p[i] : 0;
  }
  return TILE_LOAD(part);
}

static void tile_store_part(TILE_VECTOR v, global float *p, int n) {
  if (n >= REGISTER_WIDTH) {
    TILE_STORE(v, p);
    return;
  }
  float part[REGISTER_WIDTH];
  TILE_STORE(v, part);
  for (int i = 0; i < n; i++) {
    p[i] = part[i];
  }
}

static TILE_VECTOR tile_finish(TILE_VECTOR v, Epilogue e, long at, int column, int n) {
  if (e.bias) {
    v += tile_load_part(e.bias + column, n);
  }
  if (e.residual) {
    v += tile_load_part(e.residual + at, n);
  }
  return JOIN(activate, REGISTER_WIDTH)(e.kind, e.alpha, v);
}

// Finishes and stores the first rows of a tile whose first column is given: row r goes to at[r] in y (and
// comes from there in the residual), its columns below n.
static void tile_store(TILE_VECTOR (*sums)[REGISTER_VECTORS], Epilogue e, global float *y, const int *at,
    int rows, int column, int n) {
  bool plain = !e.bias && !e.residual && e.kind == ACTIVATION_IDENTITY;
  if (plain && column + REGISTER_COLUMNS <= n) {
#pragma unroll
    for (int r = 0; r < REGISTER_ROWS; r++) {
      if (r < rows) {
#pragma unroll
        for (int v = 0; v < REGISTER_VECTORS; v++) {
          TILE_STORE(sums[r][v], y + at[r] + column + v * REGISTER_WIDTH);
        }
      }
    }
    return;
  }
  // Through memory, so that the activation's code stands here once and not for each register.
  float tile[REGISTER_ROWS * REGISTER_COLUMNS];
#pragma unroll
  for (int r = 0; r < REGISTER_ROWS; r++) {
#pragma unroll
    for (int v = 0; v < REGISTER_VECTORS; v++) {
      TILE_STORE(sums[r][v], tile + r * REGISTER_COLUMNS + v * REGISTER_WIDTH);
    }
  }
#pragma unroll 1
  for (int r = 0; r < rows; r++) {
#pragma unroll 1
    for (int c = 0; c < min(REGISTER_COLUMNS, n - column); c += REGISTER_WIDTH) {
      TILE_VECTOR v = TILE_LOAD(tile + r * REGISTER_COLUMNS + c);
      long to = at[r] + column + c;
      tile_store_part(tile_finish(v, e, to, column + c, n - column - c), y + to, n - column - c);
    }
  }
}

// Grid (panel blocks, row blocks, matrices). Matrices of a batch are a_step, b_step, y_step apart; rows
// of a and y are a_row and y_row apart.
kernel void matmul_rows(IN(float, a), IN(float, b), OUT(float, y), EPILOGUE, const int m, const int n,
    const int k, const int a_row, const int y_row, const long a_step, const long b_step,
    const long y_step, const int row_block, const int panel_block) {
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  global const float *left = AT(a) + get_global_id(2) * a_step;
  global const float *right = AT(b) + get_global_id(2) * b_step;
  global float *out = AT(y) + get_global_id(2) * y_step;
  int first_row = get_global_id(1) * row_block;
  int last_row = min(m, first_row + row_block);
  int panels = (n + REGISTER_COLUMNS - 1) / REGISTER_COLUMNS;
  int first_panel = get_global_id(0) * panel_block;
  int last_panel = min(panels, first_panel + panel_block);
  for (int p = first_panel; p < last_panel; p++) {
    for (int row = first_row; row < last_row; row += REGISTER_ROWS) {
      global const float *rows[REGISTER_ROWS];
      int at[REGISTER_ROWS];
#pragma unroll
      for (int r = 0; r < REGISTER_ROWS; r++) {
        // Rows beyond the last are computed as copies of it and not stored.
        int of = min(row + r, m - 1);
        rows[r] = left + (long)of * a_row;
        at[r] = of * y_row;
      }
      TILE_VECTOR sums[REGISTER_ROWS][REGISTER_VECTORS];
      tile_clear(sums);
      tile_add_rows(sums, rows, right + (long)p * k * REGISTER_COLUMNS, k);
      tile_store(sums, e, out, at, min(REGISTER_ROWS, m - row), p * REGISTER_COLUMNS, n);
    }
  }
}

// Grid (panel blocks, row blocks).
kernel void matmul_outer(IN(float, a), IN(float, b), OUT(float, y), EPILOGUE, const int m, const int n,
    const int k, const int row_block, const int panel_block) {
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  int first_row = get_global_id(1) * row_block;
  int last_row = min(m, first_row + row_block);
  int panels = (n + REGISTER_COLUMNS - 1) / REGISTER_COLUMNS;
  int first_panel = get_global_id(0) * panel_block;
  int last_panel = min(panels, first_panel + panel_block);
  for (int p = first_panel; p < last_panel; p++) {
    for (int row = first_row; row < last_row; row += REGISTER_ROWS) {
      TILE_VECTOR sums[REGISTER_ROWS][REGISTER_VECTORS];
      tile_clear(sums);
      tile_add_outer(sums, AT(a) + (long)row * k, AT(b) + (long)p * k * REGISTER_COLUMNS,
          REGISTER_COLUMNS, k);
      int at[REGISTER_ROWS];
#pragma unroll
      for (int r = 0; r < REGISTER_ROWS; r++) {
        at[r] = min(row + r, m - 1) * n;
      }
      tile_store(sums, e, AT(y), at, min(REGISTER_ROWS, m - row), p * REGISTER_COLUMNS, n);
    }
  }
}

// Grid (columns): a work-item gives the results of one column, the dot products of a row of b with each
// row of a. Four sums hide the latency of the additions.
kernel void matmul_dots(IN(float, a), IN(float, b), OUT(float, y), EPILOGUE, const int m, const int n,
    const int k) {
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  int column = get_global_id(0);
  for (int row = 0; row < m; row++) {
    global const float *p = AT(a) + (long)row * k;
    global const float *q = AT(b) + (long)column * k;
    TILE_VECTOR sums[4] = {0, 0, 0, 0};
    int i = 0;
    for (; i + 4 * REGISTER_WIDTH <= k; i += 4 * REGISTER_WIDTH) {
#pragma unroll
      for (int v = 0; v < 4; v++) {
        sums[v] += TILE_LOAD(p + i + v * REGISTER_WIDTH) * TILE_LOAD(q + i + v * REGISTER_WIDTH);
      }
    }
    for (; i < k; i += REGISTER_WIDTH) {
      sums[0] += tile_load_part(p + i, k - i) * tile_load_part(q + i, k - i);
    }
    float part[REGISTER_WIDTH];
    TILE_STORE((sums[0] + sums[1]) + (sums[2] + sums[3]), part);
    float sum = 0;
#pragma unroll
    for (int j = 0; j < REGISTER_WIDTH; j++) {
      sum += part[j];
    }
    int at = row * n + column;
    sum += e.bias ? e.bias[column] : 0;
    sum += e.residual ? e.residual[at] : 0;
    AT(y)[at] = activate(e.kind, e.alpha, sum);
  }
}

#define PACKED_STEPS 16

// Right panels of one matrix for each group: grid (blocks of steps, panels, groups). Step k is (ty, tx, d)
// of taps_y by taps_x by depth; its columns are at first + ty * step_y + tx * step_x + d * step_d, one
// column step_column from the next, groups step_group apart.
kernel void pack_right(IN(float, from), OUT(float, to), const int columns, const int taps_y,
    const int taps_x, const int depth, const long first, const int step_y, const int step_x,
    const int step_d, const int step_column, const long step_group) {
  int k = taps_y * taps_x * depth;
  int begin = get_global_id(0) * PACKED_STEPS;
  int end = min(k, begin + PACKED_STEPS);
  int column = get_global_id(1) * REGISTER_COLUMNS;
  int panels = get_global_size(1);
  global const float *source = AT(from) + first + get_global_id(2) * step_group;
  global float *panel =
      AT(to) + ((long)get_global_id(2) * panels + get_global_id(1)) * k * REGISTER_COLUMNS;
  for (int i = begin; i < end; i++) {
    int tap = i / depth;
    global const float *p = source + (long)(tap / taps_x) * step_y + (long)(tap % taps_x) * step_x
        + (long)(i - tap * depth) * step_d + (long)column * step_column;
    global float *q = panel + (long)i * REGISTER_COLUMNS;
    for (int c = 0; c < REGISTER_COLUMNS; c++) {
      q[c] = column + c < columns ? p[(long)c * step_column] : 0;
    }
  }
}

// Left panels of the transpose of a (k, m) for each group: grid (panels, blocks of steps, groups), so that
// neighbours read the same rows of a. These are a_row apart, the groups' columns m apart.
kernel void pack_left(IN(float, a), OUT(float, to), const int m, const int k, const int a_row) {
  int begin = get_global_id(1) * PACKED_STEPS;
  int end = min(k, begin + PACKED_STEPS);
  int row = get_global_id(0) * REGISTER_ROWS;
  int rows = min(REGISTER_ROWS, m - row);
  int panels = get_global_size(0);
  global const float *source = AT(a) + (long)get_global_id(2) * m + row;
  global float *panel =
      AT(to) + ((long)get_global_id(2) * panels + get_global_id(0)) * k * REGISTER_ROWS;
  for (int i = begin; i < end; i++) {
    global const float *p = source + (long)i * a_row;
    global float *q = panel + (long)i * REGISTER_ROWS;
    if (rows == REGISTER_ROWS) {
#pragma unroll
      for (int r = 0; r < REGISTER_ROWS; r++) {
        q[r] = p[r];
      }
    } else {
      for (int r = 0; r < REGISTER_ROWS; r++) {
        q[r] = r < rows ? p[r] : 0;
      }
    }
  }
}

kernel void clear_memory(OUT(float, y), const int n) {
  int i = get_global_id(0);
  if (i < n) {
    AT(y)[i] = 0;
  }
}

#endif
