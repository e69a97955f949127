// Convolution as an implicit matrix product, with the tiles of matmul_local.cl (profile GPU).
//
//   conv_local_quads, conv_local_single          forward, and the gradient to the images
//   conv_weights_local_quads, _single            the gradient to the weights
//   swap_filters                                 weights with their filters innermost
//
// Images are (n, h, w, c), weights (o, kernelH, kernelW, c / groups). The gradient to the images runs the
// forward kernel on the grids that gather.cl describes, by weights (c, kernelH, kernelW, o / groups), which
// swap_filters makes.
//
//   forward:   left (pixels, k)      right (k, filters)     k runs over taps and the channels of each
//   weights:   left (filters, k)     right (k, taps and the channels of each)     k runs over pixels
//
// so that few channels leave no part of a tile empty. A work-item moves numbers of the same pixels, or of
// the same tap and channel, all the time: where these lie is computed once, and a step of k adds to it.
//
// Channels that are a multiple of four are moved as quads, any others as single numbers. Long sums over few
// results are cut into segments, as in matmul_local.cl.
//
// Grid: (tiles of the result, groups, segments). Parameters: those of matmul_local.cl. Bound by arithmetic.

#ifdef PROFILE_GPU

// Far outside of any image, whatever the tap.
#define NOWHERE (-(1 << 30))

// The weights of a group's filters: floats from a filter to the next, to tap (0, 0), and from a tap to the
// next.
typedef struct {
  int filters;
  int filter;
  int first;
  int step_y, step_x;
} Filters;

// A position in k: a tap and one of its channels.
typedef struct {
  int i, j, c;
} Tap;

INLINED Tap tap_at(Gather g, int k) {
  int tap = k / g.channels;
  Tap t = {tap / g.taps_x, tap % g.taps_x, k - tap * g.channels};
  return t;
}

INLINED Tap tap_behind(Gather g, Tap t, int steps) {
  t.c += steps;
  while (t.c >= g.channels) {
    t.c -= g.channels;
    if (++t.j == g.taps_x) {
      t.j = 0;
      t.i++;
    }
  }
  return t;
}

// The first row and column that a grid pixel reads, and the place of its first number, counted in uint, since
// it may lie before or behind the images. Pixels behind the last one read nothing.
INLINED int3 place_of_pixel(Gather g, int p) {
  int row = p / g.grid_w;
  int y = row % g.grid_h * g.stride_y + g.tap_y;
  int x = p % g.grid_w * g.stride_x + g.tap_x;
  uint first = (((uint)(row / g.grid_h) * g.in_h + y) * g.in_w + x) * g.pixel;
  return (int3)(p < g.pixels ? y : NOWHERE, x, (int)first);
}

// Four numbers, or one.
INLINED float4 load_numbers(const int width, global const float *p, int aligned) {
  return width == 4 ? load_quad(p, 4, aligned) : (float4)(*p, 0, 0, 0);
}

// What a tap meets at a pixel, from its channel on.
INLINED float4 load_tap(
    const int width, global const float *x, Gather g, int3 pixel, Tap t, int aligned) {
  int y_step = t.i * g.tap_step_y;
  int x_step = t.j * g.tap_step_x;
  bool inside = t.i < g.taps_y && (uint)(pixel.x + y_step) < (uint)g.in_h
      && (uint)(pixel.y + x_step) < (uint)g.in_w;
  uint at = (uint)pixel.z + (uint)(y_step * g.in_w + x_step) * g.pixel + t.c;
  return inside ? load_numbers(width, x + at, aligned) : (float4)(0);
}

// Where a pixel of the grid is written.
INLINED int place_of_row(Gather g, Scatter s, int p) {
  int row = p / g.grid_w;
  return place_of_result(s, row / g.grid_h, row % g.grid_h, p % g.grid_w);
}

// Work-items side by side along k, and rows of a tile from one that a work-item moves to the next.
#define LANES(width) (LOCAL_K / (width))
#define APART(width) (LOCAL_GROUP / LANES(width))

// A work-item's part of the next tiles: of the pixels it always moves, and of its filters.
INLINED void fetch_tap(const int width, float4 *left_part, float4 *right_part, global const float *x,
    global const float *w, Gather g, Filters f, const int3 *pixel, int filter, Tap t, int aligned) {
#pragma unroll
  for (int r = 0; r < LOCAL_M / APART(width); r++) {
    left_part[r] = load_tap(width, x, g, pixel[r], t, aligned);
  }
  global const float *p = w + f.first + t.i * f.step_y + t.j * f.step_x + t.c;
#pragma unroll
  for (int r = 0; r < LOCAL_N / APART(width); r++) {
    int row = filter + r * APART(width);
    right_part[r] = 0;
    if (row < f.filters && t.i < g.taps_y) {
      right_part[r] = load_numbers(width, p + row * f.filter, aligned);
    }
  }
}

INLINED void place_tap(
    const int width, const int size, const float4 *part, int k, int row, local float4 *tile) {
#pragma unroll
  for (int r = 0; r < size / APART(width); r++) {
    if (width == 4) {
      place_along_k(size, part[r], k, row + r * APART(width), tile);
    } else {
      ((local float *)tile)[k * (size + 4) + row + r * APART(width)] = part[r].x;
    }
  }
}

INLINED void conv_tile(const int width, global const float *x, global const float *w, global float *y,
    Epilogue e, Gather g, Scatter s, Filters f, int segment, int aligned, local float4 *left,
    local float4 *right) {
  int my_row = (int)get_local_id(0) / LANES(width);
  int my_k = (int)get_local_id(0) % LANES(width) * width;
  int tiles_across = (f.filters + LOCAL_N - 1) / LOCAL_N;
  int first_pixel = (int)get_group_id(0) / tiles_across * LOCAL_M;
  int first_filter = (int)get_group_id(0) % tiles_across * LOCAL_N;
  int begin = (int)get_group_id(2) * segment;
  int end = min(g.taps_y * g.taps_x * g.channels, begin + segment);
  int3 pixel[LEFT_PART];
#pragma unroll
  for (int r = 0; r < LOCAL_M / APART(width); r++) {
    pixel[r] = place_of_pixel(g, first_pixel + my_row + r * APART(width));
  }
  Tap t = tap_at(g, begin + my_k);
  // Of which single numbers use one component.
  float4 left_part[LEFT_PART], right_part[RIGHT_PART];
  float4 sums[LOCAL_ROWS][LOCAL_VECTORS];
  clear_sums(sums);
  fetch_tap(width, left_part, right_part, x, w, g, f, pixel, first_filter + my_row, t, aligned);
  for (int k = begin; k < end; k += LOCAL_K) {
    barrier(CLK_LOCAL_MEM_FENCE);
    place_tap(width, LOCAL_M, left_part, my_k, my_row, left);
    place_tap(width, LOCAL_N, right_part, my_k, my_row, right);
    barrier(CLK_LOCAL_MEM_FENCE);
    t = tap_behind(g, t, LOCAL_K);
    fetch_tap(width, left_part, right_part, x, w, g, f, pixel, first_filter + my_row, t, aligned);
    add_product(sums, left, right);
  }
#pragma unroll
  for (int r = 0; r < LOCAL_ROWS; r++) {
    int p = first_pixel + block_row(r / 4) + r % 4;
    if (p < g.pixels) {
      long at = place_of_row(g, s, p) + first_filter;
      store_sums(sums[r], e, y, at, first_filter, f.filters - first_filter);
    }
  }
  if (e.kind != ACTIVATION_IDENTITY && e.kind != ACTIVATION_RELU) {
    // An exponential for each of the sums would be too much code: a work-item reads back what it wrote.
#pragma unroll 1
    for (int i = 0; i < LOCAL_ROWS * LOCAL_VECTORS; i++) {
      int p = first_pixel + block_row(i / LOCAL_VECTORS / 4) + i / LOCAL_VECTORS % 4;
      int column = first_filter + block_column(i % LOCAL_VECTORS);
      if (p < g.pixels) {
        global float *q = y + place_of_row(g, s, p) + column;
        float4 v = load_quad(q, f.filters - column, 0);
        store_quad(activate4(e.kind, e.alpha, v), q, f.filters - column);
      }
    }
  }
}

// Results of segments are y_step apart.
#define CONV_LOCAL(name, width)                                                                       \
  TILE_KERNEL name(IN(float, x), IN(float, w), OUT(float, y), EPILOGUE, GATHER, SCATTER,              \
      const int filters, const int filter, const int first_tap, const int weight_step_y,              \
      const int weight_step_x, const long y_step, const int segment, const int aligned) {             \
    local float4 left[LOCAL_K * LEFT_STEP / 4];                                                       \
    local float4 right[LOCAL_K * RIGHT_STEP / 4];                                                     \
    Gather g = GATHER_OF_ARGUMENTS;                                                                   \
    Scatter s = SCATTER_OF_ARGUMENTS;                                                                 \
    Filters f = {filters, filter, first_tap, weight_step_y, weight_step_x};                           \
    Epilogue e = EPILOGUE_OF_ARGUMENTS;                                                               \
    int group = get_group_id(1);                                                                      \
    e.bias = e.bias ? e.bias + group * filters : 0;                                                   \
    e.residual = e.residual ? e.residual + group * filters : 0;                                       \
    conv_tile(width, AT(x) + group * channels, AT(w) + group * filters * filter,                      \
        AT(y) + get_group_id(2) * y_step + group * filters, e, g, s, f, segment, aligned, left,       \
        right);                                                                                       \
  }

CONV_LOCAL(conv_local_quads, 4)
CONV_LOCAL(conv_local_single, 1)

// Work-items side by side along the columns, and steps from one that a work-item moves to the next.
#define COLUMN_LANES(width) (LOCAL_N / (width))
#define STEPS_APART(width) (LOCAL_GROUP / COLUMN_LANES(width))

INLINED void place_pixels(Gather g, int first, local int3 *pixels) {
  if (get_local_id(0) < LOCAL_K) {
    pixels[get_local_id(0)] = place_of_pixel(g, first + (int)get_local_id(0));
  }
}

INLINED void fetch_pixels(const int width, float4 *part, global const float *x, Gather g,
    local const int3 *pixels, Tap t, int aligned) {
  int step = (int)get_local_id(0) / COLUMN_LANES(width);
#pragma unroll
  for (int i = 0; i < LOCAL_K / STEPS_APART(width); i++) {
    part[i] = load_tap(width, x, g, pixels[step + i * STEPS_APART(width)], t, aligned);
  }
}

INLINED void place_columns(const int width, const float4 *part, local float4 *tile) {
  int column = (int)get_local_id(0) % COLUMN_LANES(width) * width;
  int step = (int)get_local_id(0) / COLUMN_LANES(width);
#pragma unroll
  for (int i = 0; i < LOCAL_K / STEPS_APART(width); i++) {
    int at = (step + i * STEPS_APART(width)) * RIGHT_STEP + column;
    if (width == 4) {
      tile[at / 4] = part[i];
    } else {
      ((local float *)tile)[at] = part[i].x;
    }
  }
}

INLINED void weights_tile(const int width, global const float *dy, global const float *x,
    global float *y, Gather g, int filters, int dy_pixel, int segment, int dy_aligned, int x_aligned,
    local float4 *left, local float4 *right, local int3 *pixels) {
  int columns = g.taps_y * g.taps_x * g.channels;
  int tiles_across = (columns + LOCAL_N - 1) / LOCAL_N;
  int row = (int)get_group_id(0) / tiles_across * LOCAL_M;
  int column = (int)get_group_id(0) % tiles_across * LOCAL_N;
  int begin = (int)get_group_id(2) * segment;
  int end = min(g.pixels, begin + segment);
  Tap t = tap_at(g, column + (int)get_local_id(0) % COLUMN_LANES(width) * width);
  float4 left_part[LEFT_PART / 4], right_part[RIGHT_PART];
  float4 sums[LOCAL_ROWS][LOCAL_VECTORS];
  clear_sums(sums);
  place_pixels(g, begin, pixels);
  barrier(CLK_LOCAL_MEM_FENCE);
  fetch(false, LOCAL_M, left_part, dy, row, filters, begin, end, dy_pixel, dy_aligned);
  fetch_pixels(width, right_part, x, g, pixels, t, x_aligned);
  for (int k = begin; k < end; k += LOCAL_K) {
    barrier(CLK_LOCAL_MEM_FENCE);
    place(false, LOCAL_M, left_part, left);
    place_columns(width, right_part, right);
    place_pixels(g, k + LOCAL_K, pixels);
    barrier(CLK_LOCAL_MEM_FENCE);
    fetch(false, LOCAL_M, left_part, dy, row, filters, k + LOCAL_K, end, dy_pixel, dy_aligned);
    fetch_pixels(width, right_part, x, g, pixels, t, x_aligned);
    add_product(sums, left, right);
  }
  Epilogue none = {0, 0, ACTIVATION_IDENTITY, 0};
#pragma unroll
  for (int r = 0; r < LOCAL_ROWS; r++) {
    int at = row + block_row(r / 4) + r % 4;
    if (at < filters) {
      store_sums(sums[r], none, y, (long)at * columns + column, column, columns - column);
    }
  }
}

#define CONV_WEIGHTS_LOCAL(name, width)                                                               \
  TILE_KERNEL name(IN(float, dy), IN(float, x), OUT(float, y), GATHER, const int filters,             \
      const int dy_pixel, const long y_step, const int segment, const int dy_aligned,                 \
      const int x_aligned) {                                                                          \
    local float4 left[LOCAL_K * LEFT_STEP / 4];                                                       \
    local float4 right[LOCAL_K * RIGHT_STEP / 4];                                                     \
    local int3 places[LOCAL_K];                                                                       \
    Gather g = GATHER_OF_ARGUMENTS;                                                                   \
    int group = get_group_id(1);                                                                      \
    weights_tile(width, AT(dy) + group * filters, AT(x) + group * channels,                           \
        AT(y) + get_group_id(2) * y_step + group * filters * taps_y * taps_x * channels, g, filters,  \
        dy_pixel, segment, dy_aligned, x_aligned, left, right, places);                               \
  }

CONV_WEIGHTS_LOCAL(conv_weights_local_quads, 4)
CONV_WEIGHTS_LOCAL(conv_weights_local_single, 1)

// (groups, channels, taps, filters) from (groups, filters, taps, channels). Grid: elements.
kernel void swap_filters(IN(float, w), OUT(float, to), const int n, const int filters, const int taps,
    const int channels) {
  int i = get_global_id(0);
  if (i < n) {
    int filter = i % filters;
    int tap = i / filters % taps;
    int channel = i / filters / taps % channels;
    int group = i / filters / taps / channels;
    AT(to)[i] = AT(w)[((group * filters + filter) * taps + tap) * channels + channel];
  }
}

#endif
