// 3x3 convolution with stride 1 by Winograd's minimal filtering F(4x4, 3x3), both profiles:
//
//   winograd_weights   U[f] = G g G^T of each filter and channel, once for given weights
//   winograd_input     V[f] = B^T d B of each 6x6 patch of the images, patches 4 pixels apart
//   (products)         M[f] = V[f] U[f] for each of the 36 frequencies f, by matmul.cl or matmul_local.cl
//   winograd_output    A^T M A: tiles of 4x4 output pixels
//
// so that a tile of 16 output pixels takes 36 multiplications a channel and filter instead of 144.
// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.3, with the
// interpolation points 0, 1, -1, 2, -2 and infinity:
//
//         4  0 -5  0  1  0           1/4    0    0
//         0 -4 -4  1  1  0          -1/6 -1/6 -1/6           1  1  1  1  1  0
//   B^T = 0  4 -4 -1  1  0     G  = -1/6  1/6 -1/6     A^T = 0  1 -1  2 -2  0
//         0 -2 -1  2  1  0          1/24 1/12  1/6           0  1  1  4  4  0
//         0  2 -1 -2  1  0          1/24 -1/12 1/6           0  1 -1  8 -8  1
//         0  4  0 -5  0  1             0    0    1
//
// V is (36, tiles, channels), M (36, tiles, filters), U (36, panels, channels, panel width); rows and
// frequencies may be further apart than they are long, to keep them out of each other's cache sets. Tiles
// are done in blocks whose V and M stay in the last cache (WINOGRAD_BLOCK, in KiB).
//
// A work-item transforms one tile of WINOGRAD_WIDTH channels (1, 4 or 8), which have to divide the
// channels and the filters. Grid (channels / WINOGRAD_WIDTH or more, tiles). The transforms are bound by memory.

#define POINTS 6
#define TILE_OUT 4

#if WINOGRAD_WIDTH == 1
#define WINOGRAD_VECTOR float
#define WINOGRAD_LOAD(p) (*(p))
#define WINOGRAD_STORE(v, p) (*(p) = (v))
#define WINOGRAD_ACTIVATE activate
#else
#define WINOGRAD_VECTOR JOIN(float, WINOGRAD_WIDTH)
#define WINOGRAD_LOAD(p) JOIN(vload, WINOGRAD_WIDTH)(0, p)
#define WINOGRAD_STORE(v, p) JOIN(vstore, WINOGRAD_WIDTH)(v, 0, p)
#define WINOGRAD_ACTIVATE JOIN(activate, WINOGRAD_WIDTH)
#endif

// B^T d of six numbers.
static void transform_input(const WINOGRAD_VECTOR *d, WINOGRAD_VECTOR *t) {
  WINOGRAD_VECTOR a = d[4] - 4.0f * d[2];
  WINOGRAD_VECTOR b = d[3] - 4.0f * d[1];
  WINOGRAD_VECTOR c = d[4] - d[2];
  WINOGRAD_VECTOR e = 2.0f * (d[3] - d[1]);
  t[0] = 4.0f * d[0] + (d[4] - 5.0f * d[2]);
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + e;
  t[4] = c - e;
  t[5] = 4.0f * d[1] + (d[5] - 5.0f * d[3]);
}

// A^T m of six numbers.
static void transform_output(const WINOGRAD_VECTOR *m, WINOGRAD_VECTOR *t) {
  WINOGRAD_VECTOR p = m[1] + m[2];
  WINOGRAD_VECTOR q = m[1] - m[2];
  WINOGRAD_VECTOR r = m[3] + m[4];
  WINOGRAD_VECTOR s = m[3] - m[4];
  t[0] = m[0] + p + r;
  t[1] = q + 2.0f * s;
  t[2] = p + 4.0f * r;
  t[3] = q + 8.0f * s + m[5];
}

// G g of three numbers.
static void transform_weights(const WINOGRAD_VECTOR *g, WINOGRAD_VECTOR *t) {
  WINOGRAD_VECTOR a = (g[0] + g[2]) * (-1 / 6.0f);
  WINOGRAD_VECTOR b = g[1] * (1 / 6.0f);
  WINOGRAD_VECTOR c = g[0] * (1 / 24.0f) + g[2] * (1 / 6.0f);
  WINOGRAD_VECTOR e = g[1] * (1 / 12.0f);
  t[0] = g[0] * 0.25f;
  t[1] = a - b;
  t[2] = a + b;
  t[3] = c + e;
  t[4] = c - e;
  t[5] = g[2];
}

// V of the tiles from first_tile on.
kernel void winograd_input(IN(float, x), OUT(float, to), const int first_tile, const int tiles_y,
    const int tiles_x, const int in_h, const int in_w, const int channels, const int pad_top,
    const int pad_left, const int row, const long frequency) {
  int c = get_global_id(0) * WINOGRAD_WIDTH;
  if (c >= channels) {
    return;
  }
  int tile = first_tile + get_global_id(1);
  int left = tile % tiles_x * TILE_OUT - pad_left;
  int top = tile / tiles_x % tiles_y * TILE_OUT - pad_top;
  global const float *image = AT(x) + (long)(tile / tiles_x / tiles_y) * in_h * in_w * channels + c;
  WINOGRAD_VECTOR t[POINTS][POINTS];
#pragma unroll
  for (int j = 0; j < POINTS; j++) {
    WINOGRAD_VECTOR d[POINTS], column[POINTS];
    bool inside = (uint)(left + j) < (uint)in_w;
#pragma unroll
    for (int i = 0; i < POINTS; i++) {
      d[i] = 0;
      if (inside && (uint)(top + i) < (uint)in_h) {
        d[i] = WINOGRAD_LOAD(image + ((top + i) * in_w + left + j) * channels);
      }
    }
    transform_input(d, column);
#pragma unroll
    for (int i = 0; i < POINTS; i++) {
      t[i][j] = column[i];
    }
  }
  global float *p = AT(to) + (long)get_global_id(1) * row + c;
#pragma unroll
  for (int i = 0; i < POINTS; i++) {
    WINOGRAD_VECTOR v[POINTS];
    transform_input(t[i], v);
#pragma unroll
    for (int j = 0; j < POINTS; j++) {
      WINOGRAD_STORE(v[j], p + (i * POINTS + j) * frequency);
    }
  }
}

// The output of the tiles from first_tile on, with bias, residual and activation.
kernel void winograd_output(IN(float, m), OUT(float, y), EPILOGUE, const int first_tile,
    const int tiles_y, const int tiles_x, const int out_h, const int out_w, const int filters,
    const int row, const long frequency) {
  int o = get_global_id(0) * WINOGRAD_WIDTH;
  if (o >= filters) {
    return;
  }
  int tile = first_tile + get_global_id(1);
  int left = tile % tiles_x * TILE_OUT;
  int top = tile / tiles_x % tiles_y * TILE_OUT;
  int image = tile / tiles_x / tiles_y;
  global const float *p = AT(m) + (long)get_global_id(1) * row + o;
  WINOGRAD_VECTOR t[TILE_OUT][POINTS];
#pragma unroll
  for (int j = 0; j < POINTS; j++) {
    WINOGRAD_VECTOR d[POINTS], column[TILE_OUT];
#pragma unroll
    for (int i = 0; i < POINTS; i++) {
      d[i] = WINOGRAD_LOAD(p + (i * POINTS + j) * frequency);
    }
    transform_output(d, column);
#pragma unroll
    for (int i = 0; i < TILE_OUT; i++) {
      t[i][j] = column[i];
    }
  }
  Epilogue e = EPILOGUE_OF_ARGUMENTS;
  WINOGRAD_VECTOR added = 0;
  if (e.bias) {
    added = WINOGRAD_LOAD(e.bias + o);
  }
  // Not unrolled, so that the activation's code stands here once.
#pragma unroll 1
  for (int i = 0; i < min(TILE_OUT, out_h - top); i++) {
    WINOGRAD_VECTOR v[TILE_OUT];
    transform_output(t[i], v);
#pragma unroll 1
    for (int j = 0; j < min(TILE_OUT, out_w - left); j++) {
      int at = ((image * out_h + top + i) * out_w + left + j) * filters + o;
      WINOGRAD_VECTOR sum = v[j] + added;
      if (e.residual) {
        sum += WINOGRAD_LOAD(e.residual + at);
      }
      WINOGRAD_STORE(WINOGRAD_ACTIVATE(e.kind, e.alpha, sum), AT(y) + at);
    }
  }
}

// U for weights (o, 3, 3, c): columns are filters and steps channels, for the gradient to the images the
// other way round and the kernel turned by 180 degrees. Grid (filters or more, c / WINOGRAD_WIDTH). Columns come
// in panels of so many; frequencies are so far apart.
kernel void winograd_weights(IN(float, w), OUT(float, to), const int filters, const int channels,
    const int gradient, const int panel, const long frequency) {
  int o = get_global_id(0);
  if (o >= filters) {
    return;
  }
  int c = get_global_id(1) * WINOGRAD_WIDTH;
  global const float *from = AT(w) + o * 9 * channels + c;
  WINOGRAD_VECTOR t[POINTS][3];
#pragma unroll
  for (int j = 0; j < 3; j++) {
    WINOGRAD_VECTOR g[3], column[POINTS];
#pragma unroll
    for (int i = 0; i < 3; i++) {
      int tap = i * 3 + j;
      g[i] = WINOGRAD_LOAD(from + (gradient ? 8 - tap : tap) * channels);
    }
    transform_weights(g, column);
#pragma unroll
    for (int i = 0; i < POINTS; i++) {
      t[i][j] = column[i];
    }
  }
  int column = gradient ? c : o;
  int step = gradient ? o : c;
  int steps = gradient ? filters : channels;
  global float *p = AT(to) + (long)(column / panel) * steps * panel + step * panel + column % panel;
#pragma unroll
  for (int i = 0; i < POINTS; i++) {
    WINOGRAD_VECTOR v[POINTS];
    transform_weights(t[i], v);
#pragma unroll
    for (int j = 0; j < POINTS; j++) {
      global float *q = p + (i * POINTS + j) * frequency;
      if (gradient) {
        WINOGRAD_STORE(v[j], q);
      } else {
        float lanes[WINOGRAD_WIDTH];
        WINOGRAD_STORE(v[j], lanes);
#pragma unroll
        for (int l = 0; l < WINOGRAD_WIDTH; l++) {
          q[l * panel] = lanes[l];
        }
      }
    }
  }
}
